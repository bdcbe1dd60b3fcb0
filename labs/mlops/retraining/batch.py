"""Read a batch, with every value as the text that is in the file."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

ID = "customer_id"
NUMBERS = ("integer", "number")
OTHER_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}


class Unreadable(ValueError):
    """The file is no table in UTF-8."""


class Batch(NamedTuple):
    """A table, or a sample of it.

    The index of `frame` is the line of the file in which a row begins. `rows` and `repeated`, the
    rows whose customer_id an earlier one had, count the whole file.
    """

    frame: pd.DataFrame
    rows: int
    repeated: int


def check_encoding(path: Path) -> None:
    """Look at every byte."""
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
                bad, cure = line.find(0), "export without NUL"
            except UnicodeDecodeError as error:
                bad, cure = error.start, "export as UTF-8"
            if bad >= 0:
                where = f"0x{line[bad]:02x} at byte {offset + bad}, in line {number}"
                raise Unreadable(f"{where}; {cure}")
            offset += len(line)


def check_form(path: Path) -> list[int]:
    """Look at every row, more strictly than pandas, which mends or drops what does not fit.

    Returns the line in which each row below the header begins.
    """
    begins = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows, header, line = csv.reader(file, strict=True), [], 1
        try:
            for row in rows:
                if wrong := _unlike(header, row) if header else _no_header(row):
                    raise Unreadable(f"line {line}: {wrong}")
                if len(row) > 1 or "".join(row).strip():
                    begins.append(line)
                header, line = header or row, rows.line_num + 1
        except csv.Error:
            told = f"line {line}: a quote without its end; export with quotes in text doubled"
            raise Unreadable(told) from None
    return begins[1:]


def _no_header(names: list[str]) -> str:
    for sign, name in OTHER_SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            return f"{name} separates the fields; export with ',' and decimal points"
    for name, times in Counter(map(str.strip, names)).items():
        if times > 1:
            return f"{times} columns are called {name!r}; export each once"
    return ""


def _unlike(header: list[str], row: list[str]) -> str:
    found, expected = len(row), len(header)
    if found == expected or not "".join(row).strip():
        return ""
    cure = "export numbers with '.', text in quotes" if found > expected else "export it again"
    return f"{found} fields instead of {expected}; {cure}"


def read(path: Path, max_rows: int, seed: int) -> Batch:
    """Read at most `max_rows` rows, the same ones for the same seed."""
    lines = check_form(path)
    # Only an empty field is missing: "NA" or "null" are spellings that the checks should see.
    options = {"dtype": str, "keep_default_na": False, "na_values": [""], "encoding": "utf-8"}
    try:
        frame = pd.read_csv(path, **options)
    except pd.errors.EmptyDataError:
        raise Unreadable("the file is empty, without even a header") from None
    except pd.errors.ParserError as error:
        raise Unreadable(str(error).strip()) from None
    if not isinstance(frame.index, pd.RangeIndex):
        raise Unreadable("rows have more fields than the header")
    rows = len(frame)
    # A blank in quotes, alone in its line, is a row for pandas: then blank lines count as well.
    frame.index = pd.Index(lines) if len(lines) == rows else frame.index + 2
    repeated = int(frame[ID].str.strip().duplicated().sum()) if ID in frame else 0
    if rows > max_rows:
        frame = frame.sample(max_rows, random_state=seed).sort_index()
    return Batch(frame, rows, repeated)


def row_hashes(frame: pd.DataFrame, columns: dict[str, Any]) -> pd.Series:
    """Return a number for each row; rows of equal values have equal numbers.

    A program that exports the same rows again may write 1.0 for 1, or a blank after a text.
    """
    values = {
        name: frame[name].map(lambda text, kind=rules["kind"]: value_of(text, kind), "ignore")
        for name, rules in columns.items()
    }
    return pd.util.hash_pandas_object(pd.DataFrame(values), index=False)


def value_of(text: str, kind: str) -> str:
    """Return the one spelling of a value. 12 digits: what adding up adds lies behind them."""
    text = text.strip()
    try:
        return f"{float(text) + 0.0:.12g}" if kind in NUMBERS else text  # -0.0 is 0.0
    except ValueError:
        return text
