"""Check the new batch before anything is trained on it. Errors refuse it, drift only warns."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import train
from delivery.shell import md5_of, output

from retraining import batch, checks, drift
from retraining.checks import ERROR, OK, WARNING, WHOLE, Check
from retraining.step import NEW, Refused, Unusable, finish, settings, table, there

REFERENCE = Path("data/churn.csv")
REPORT = Path("validation.json")


def validate(path: Path, reference: pd.DataFrame, limits: dict[str, Any]) -> Iterator[Check]:
    """Yield all checks; a file that is no table has one, that says why."""
    try:
        batch.check_encoding(path)
    except batch.Unreadable as error:
        yield Check(WHOLE, "encoding", str(error), "UTF-8", ERROR)
        return
    yield Check(WHOLE, "encoding", "UTF-8", "UTF-8", OK)
    try:
        new = batch.read(path, limits["batch"]["max_rows"], limits["seed"])
    except batch.Unreadable as error:
        yield Check(WHOLE, "format", str(error), "a table with a header", ERROR)
        return
    yield from checks.check(new, reference, limits["batch"])
    if not new.frame.empty:
        yield from drift.check(new.frame, reference, limits["batch"]["columns"], limits["drift"])


def report(found: list[Check]) -> str:
    """Lay out what is not ok; what is ok is one row per check."""
    lines = sorted((c for c in found if c.verdict != OK), key=lambda check: check.verdict)
    for name, number in Counter(check.check for check in found if check.verdict == OK).items():
        column = next(c.column for c in found if c.check == name and c.verdict == OK)
        shown = column if number == 1 else f"{number} columns"
        lines.append(Check(shown, name, "as allowed", "", OK))
    return table(Check._fields, lines)


def read_reference(limits: dict[str, Any]) -> pd.DataFrame:
    """Read the training data, as the batch is read."""
    try:
        batch.check_encoding(REFERENCE)
        return batch.read(REFERENCE, limits["batch"]["max_rows"], limits["seed"]).frame
    except (OSError, batch.Unreadable) as error:
        raise Unusable(f"the training data {REFERENCE} cannot be read: {error}") from error


@finish
def main() -> None:
    """Check, print and write the report."""
    limits, path = settings(), there(NEW, made_by="fetch")
    found = list(validate(path, read_reference(limits), limits))
    count = Counter(check.verdict for check in found)
    moved = any(c.verdict == WARNING and c.check.startswith("drift") for c in found)
    content = {"md5": md5_of(path), "passed": not count[ERROR], "drift": moved}
    train.write_json(content | {"checks": [check._asdict() for check in found]}, REPORT)
    output(passed=not count[ERROR], drift=moved)
    print(report(found))
    counts = f"{count[OK]} ok, warnings: {count[WARNING]}, errors: {count[ERROR]}"
    print(f"{len(found)} checks, {counts}; all of them are in {REPORT}")
    if count[ERROR]:
        bad = f"{count[ERROR]} of {len(found)} checks found an error"
        raise Refused(f"{path}: {bad}; nothing is trained on it")


if __name__ == "__main__":
    sys.exit(main())
