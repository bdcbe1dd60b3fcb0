"""What a batch must be like. The limits are data, in retraining.yaml."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from retraining.batch import Batch, row_hashes

TARGET = "churned"
WHOLE = "the batch"
OK, WARNING, ERROR = "ok", "warning", "error"
SHOWN = 3
Limits = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One row of the report."""

    column: str
    check: str
    found: str
    allowed: str
    verdict: str


def judged(column: str, check: str, found: str, allowed: str, good: bool) -> Check:
    """Return a check that refuses the batch unless it is good."""
    return Check(column, check, found, allowed, OK if good else ERROR)


def check(batch: Batch, reference: pd.DataFrame, limits: Limits) -> Iterator[Check]:
    """Yield every check of the batch; columns that are not there have none but the schema's."""
    frame, columns = batch.frame, limits["columns"]
    yield from schema(frame.columns, columns)
    yield from size(batch, limits)
    if frame.empty:
        return
    yield from repeats(batch, reference, limits)
    for name, rules in columns.items():
        if name in frame:
            yield missing(frame[name], rules["missing"])
            yield from values(frame[name], rules)
    if TARGET in frame:
        yield target_share(frame[TARGET], limits["target_share"])


def schema(found: Iterable[str], expected: Iterable[str]) -> Iterator[Check]:
    """Compare the names of the columns; their order is free."""
    found, expected = list(found), list(expected)
    unexpected = [name for name in found if name not in expected]
    for name in expected:
        near = difflib.get_close_matches(name, unexpected, n=1)
        hint = f"missing; perhaps it is {near[0]!r} now" if near else "missing"
        yield judged(name, "schema", "there" if name in found else hint, "there", name in found)
    for name in unexpected:
        yield judged(name, "schema", "unexpected", "no such column", False)


def size(batch: Batch, limits: Limits) -> Iterator[Check]:
    """Too few rows are refused, of too many a sample is taken."""
    least, most = limits["min_rows"], limits["max_rows"]
    allowed = f"{least} to {most}"
    if batch.sampled:
        found = f"{batch.rows}; of these a sample of {len(batch.frame)} is used"
        yield Check(WHOLE, "rows", found, allowed, WARNING)
    else:
        yield judged(WHOLE, "rows", str(batch.rows), allowed, batch.rows >= least)


def repeats(batch: Batch, reference: pd.DataFrame, limits: Limits) -> Iterator[Check]:
    """Count customers that come twice, and rows that the training data already holds."""
    share = batch.repeated / batch.rows
    found, allowed = f"{batch.repeated} rows, {share:.1%}", at_most(limits["repeated_ids"])
    yield judged("customer_id", "repeated", found, allowed, share <= limits["repeated_ids"])
    columns = limits["columns"]
    if set(columns) <= set(batch.frame) and set(columns) <= set(reference):
        known = row_hashes(batch.frame, columns).isin(row_hashes(reference, columns))
        found, most = f"{known.sum()} rows, {known.mean():.1%}", limits["known_rows"]
        yield judged(WHOLE, "known rows", found, at_most(most), bool(known.mean() <= most))


def at_most(share: float) -> str:
    """Say a limit."""
    return f"at most {share:.1%}" if share else "none"


def missing(column: pd.Series, most: float) -> Check:
    """Count empty fields."""
    share = float(column.isna().mean())
    return judged(str(column.name), "missing", f"{share:.1%}", at_most(most), share <= most)


def values(column: pd.Series, rules: Limits) -> Iterator[Check]:
    """Check the type of the values that are there, and where they lie."""
    if rules["kind"] == "category":
        yield categories(column, rules["known"])
    elif rules["kind"] != "id":
        number = numbers(column)
        yield types(column, number, whole=rules["kind"] == "integer")
        yield limits_of(number, rules["min"], rules["max"])


def numbers(column: pd.Series) -> pd.Series:
    """Return the finite numbers; everything else is NaN."""
    return (
        pd.to_numeric(column, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)
    )


def types(column: pd.Series, number: pd.Series, whole: bool) -> Check:
    """Find text among numbers, and fractions among whole numbers."""
    wrong = column.notna() & (number.isna() | (whole & (number % 1 != 0)))
    bad = column[wrong]
    found = "as allowed" if bad.empty else f"{len(bad)} of another type, first {first(bad)}"
    allowed = "whole numbers" if whole else "numbers"
    return judged(str(column.name), "type", found, allowed, bad.empty)


def first(bad: pd.Series) -> str:
    """Name a value and its line; line 1 is the header."""
    comma = "; export with '.' in numbers" if "," in str(bad.iloc[0]) else ""
    return f"{bad.iloc[0]!r} in line {bad.index[0] + 2}{comma}"


def limits_of(number: pd.Series, least: float, most: float) -> Check:
    """Compare the smallest and the largest number with what is possible."""
    found = f"{number.min():g} to {number.max():g}"
    good = not ((number < least) | (number > most)).any()
    return judged(str(number.name), "range", found, f"{least:g} to {most:g}", good)


def categories(column: pd.Series, known: list[str]) -> Check:
    """Name each new category with the known one that is most like it."""
    unknown = column[column.notna() & ~column.isin(known)].value_counts()
    parts = [f"{value!r} in {rows} rows{nearest(value, known)}" for value, rows in unknown.items()]
    more = [f"and {len(parts) - SHOWN} more"] if len(parts) > SHOWN else []
    found = "; ".join([*parts[:SHOWN], *more]) or "as allowed"
    return judged(str(column.name), "categories", found, ", ".join(known), not parts)


def nearest(value: object, known: list[str]) -> str:
    """Say which known category was probably meant."""
    near = difflib.get_close_matches(str(value).strip().lower(), known, n=1, cutoff=0.4)
    return f", nearest {near[0]!r}" if near else ""


def target_share(column: pd.Series, allowed: dict[str, float]) -> Check:
    """Check that neither class is so rare that something must be wrong."""
    share = float((numbers(column) == 1).mean())
    said = f"{allowed['min']:.0%} to {allowed['max']:.0%}"
    good = allowed["min"] <= share <= allowed["max"]
    return judged(TARGET, "share of 1", f"{share:.1%}", said, good)
