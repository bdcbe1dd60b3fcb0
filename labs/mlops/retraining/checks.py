"""What a batch must be like. The limits are data, in retraining.yaml."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from retraining.batch import ID, Batch, row_hashes

TARGET = "churned"
WHOLE = "the batch"
OK, WARNING, ERROR = "ok", "warning", "error"
SHOWN = 3
Limits = dict[str, Any]


class Check(NamedTuple):
    """One row of the report."""

    column: str
    check: str
    found: str
    allowed: str
    verdict: str


def judged(column: object, check: str, found: str, allowed: str, good: bool) -> Check:
    """Return a check that refuses the batch unless it is good."""
    return Check(str(column), check, found, allowed, OK if good else ERROR)


def check(batch: Batch, reference: pd.DataFrame, limits: Limits) -> Iterator[Check]:
    """Yield every check of the batch; columns that are not there have none but the schema's."""
    frame, columns = batch.frame, limits["columns"]
    yield from schema(list(frame.columns), list(columns))
    yield size(batch, limits)
    if frame.empty:
        return
    yield rows(ID, "repeated", batch.repeated / batch.rows, batch.rows, limits["repeated_ids"])
    if set(columns) <= set(frame) and set(columns) <= set(reference):
        known = row_hashes(frame, columns).isin(row_hashes(reference, columns))
        yield rows(WHOLE, "known rows", float(known.mean()), len(frame), limits["known_rows"])
    for name, rules in columns.items():
        if name in frame:
            yield from values(frame[name], rules)
    if TARGET in frame:
        yield target_share(numbers(frame[TARGET]), limits["target_share"])


def schema(found: list[str], expected: list[str]) -> Iterator[Check]:
    """Compare the names of the columns; their order is free."""
    unexpected = [name for name in found if name not in expected]
    for name in expected:
        near = difflib.get_close_matches(name, unexpected, n=1)
        hint = f"missing; perhaps it is {near[0]!r} now" if near else "missing"
        yield judged(name, "schema", "there" if name in found else hint, "there", name in found)
    for name in unexpected:
        yield judged(name, "schema", "unexpected", "no such column", False)


def size(batch: Batch, limits: Limits) -> Check:
    """Too few rows are refused, of too many a sample is taken."""
    found, allowed = str(batch.rows), f"{limits['min_rows']} to {limits['max_rows']}"
    if batch.rows > limits["max_rows"]:
        found += f"; of these a sample of {len(batch.frame)} is used"
        return Check(WHOLE, "rows", found, allowed, WARNING)
    return judged(WHOLE, "rows", found, allowed, batch.rows >= limits["min_rows"])


def rows(column: str, check: str, share: float, of: int, most: float) -> Check:
    """Judge how many rows are as they should not be."""
    found = f"{round(share * of)} rows, {share:.1%}"
    return judged(column, check, found, at_most(most), share <= most)


def at_most(share: float) -> str:
    """Say a limit."""
    return f"at most {share:.1%}" if share else "none"


def values(column: pd.Series, rules: Limits) -> Iterator[Check]:
    """Count empty fields; check the type of the values that are there, and where they lie."""
    share, most = float(column.isna().mean()), rules["missing"]
    yield judged(column.name, "missing", f"{share:.1%}", at_most(most), share <= most)
    if rules["kind"] == "category":
        yield categories(column, rules["known"])
    elif rules["kind"] != "id":
        number, (least, most) = numbers(column), (rules["min"], rules["max"])
        yield types(column, number, whole=rules["kind"] == "integer")
        found = f"{number.min():g} to {number.max():g}"
        outside = ((number < least) | (number > most)).any()
        yield judged(column.name, "range", found, f"{least:g} to {most:g}", not outside)


def numbers(column: pd.Series) -> pd.Series:
    """Return the finite numbers; everything else is NaN."""
    found = pd.to_numeric(column, errors="coerce").astype("float64")
    return found.where(np.isfinite(found))


def types(column: pd.Series, number: pd.Series, whole: bool) -> Check:
    """Find text among numbers, and fractions among whole numbers; name the first and its line."""
    bad = column[column.notna() & (number.isna() | (whole & (number % 1 != 0)))]
    found = "as allowed"
    if not bad.empty:
        first, line = bad.iloc[0], bad.index[0]
        comma = "; export with '.' in numbers" if "," in first else ""
        found = f"{len(bad)} of another type, first {first!r} in line {line}{comma}"
    return judged(column.name, "type", found, "whole numbers" if whole else "numbers", bad.empty)


def categories(column: pd.Series, known: list[str]) -> Check:
    """Name each new category with the known one that is most like it."""
    unknown = column[column.notna() & ~column.isin(known)].value_counts()
    parts = [f"{value!r} in {rows} rows{nearest(value, known)}" for value, rows in unknown.items()]
    more = [f"and {len(parts) - SHOWN} more"] if len(parts) > SHOWN else []
    found = "; ".join([*parts[:SHOWN], *more]) or "as allowed"
    return judged(column.name, "categories", found, ", ".join(known), not parts)


def nearest(value: str, known: Iterable[str]) -> str:
    """Say which known category was probably meant."""
    near = difflib.get_close_matches(value.strip().lower(), known, n=1, cutoff=0.4)
    return f", nearest {near[0]!r}" if near else ""


def target_share(target: pd.Series, allowed: dict[str, float]) -> Check:
    """Check that neither class is so rare that something must be wrong."""
    share, (least, most) = float((target == 1).mean()), (allowed["min"], allowed["max"])
    said = f"{least:.0%} to {most:.0%}"
    return judged(TARGET, "share of 1", f"{share:.1%}", said, least <= share <= most)
