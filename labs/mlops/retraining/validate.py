"""Check the new batch before anything is trained on it. Errors refuse it, drift only warns."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import train
from delivery.shell import md5_of, output

from retraining import batch, checks, drift
from retraining.checks import ERROR, OK, WARNING, WHOLE, Check
from retraining.step import Refused, Unusable, finish, settings, table

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
    rows = [asdict(check) for check in found if check.verdict != OK]
    lines = [list(row.values()) for row in sorted(rows, key=lambda row: row["verdict"])]
    for name, number in Counter(check.check for check in found if check.verdict == OK).items():
        column = next(c.column for c in found if c.check == name and c.verdict == OK)
        lines.append([column if number == 1 else f"{number} columns", name, "as allowed", "", OK])
    return table(["column", "check", "found", "allowed", "verdict"], lines)


def read_reference(path: Path, limits: dict[str, Any]) -> pd.DataFrame:
    """Read the training data, as the batch is read.

    Raises:
        Unusable: it is not there or no table.
    """
    try:
        batch.check_encoding(path)
        return batch.read(path, limits["batch"]["max_rows"], limits["seed"]).frame
    except (OSError, batch.Unreadable) as error:
        raise Unusable(f"the training data {path} cannot be read: {error}") from error


def run(args: argparse.Namespace) -> None:
    """Check, print and write the report."""
    limits = settings()
    if not args.data.exists():
        raise Unusable(f"{args.data} is not there: run python -m retraining.fetch first")
    found = list(validate(args.data, read_reference(args.reference, limits), limits))
    count = Counter(check.verdict for check in found)
    moved = any(c.verdict == WARNING and c.check.startswith("drift") for c in found)
    content = {"md5": md5_of(args.data), "passed": not count[ERROR], "drift": moved}
    train.write_json(content | {"checks": [asdict(check) for check in found]}, REPORT)
    output(passed=not count[ERROR], drift=moved)
    print(report(found))
    counts = f"{count[OK]} ok, warnings: {count[WARNING]}, errors: {count[ERROR]}"
    print(f"{len(found)} checks, {counts}; all of them are in {REPORT}")
    if count[ERROR]:
        bad = f"{count[ERROR]} of {len(found)} checks found an error"
        raise Refused(f"{args.data}: {bad}; nothing is trained on it")


def main(argv: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/new.csv"))
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="the training data")
    args = parser.parse_args(argv)
    return finish(lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
