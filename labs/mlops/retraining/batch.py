"""Read a batch of any size in bounded memory, with every value as the text that is in the file."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CHUNK = 50_000
ID = "customer_id"
NUMBERS = ("integer", "number")
OTHER_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}


class Unreadable(ValueError):
    """The file is no table in UTF-8."""


@dataclass
class Batch:
    """A table, or a sample of it.

    The index of `frame` is the number of the row in the file, from 0. `rows` and `repeated`, the
    rows whose customer_id an earlier one had, count the whole file.
    """

    frame: pd.DataFrame
    rows: int
    repeated: int = 0

    @property
    def sampled(self) -> bool:
        """Whether the file has more rows than the frame."""
        return len(self.frame) < self.rows


@dataclass
class _Sampler:
    """Keeps the rows that drew the smallest random numbers: a uniform sample in one pass."""

    size: int
    rng: np.random.Generator
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    draws: np.ndarray = field(default_factory=lambda: np.empty(0))

    def add(self, chunk: pd.DataFrame) -> None:
        self.frame = pd.concat([self.frame, chunk]) if len(self.draws) else chunk
        self.draws = np.concatenate([self.draws, self.rng.random(len(chunk))])
        if len(self.draws) > self.size:
            kept = np.sort(np.argpartition(self.draws, self.size)[: self.size])
            self.frame, self.draws = self.frame.iloc[kept], self.draws[kept]


def check_encoding(path: Path) -> None:
    """Look at every byte.

    Raises:
        Unreadable: one is not UTF-8, or NUL; the message says which and where.
    """
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


def check_form(path: Path) -> None:
    """Look at every row, more strictly than pandas, which mends or drops what does not fit.

    Raises:
        Unreadable: one is not like the header; the message says which, and how to export it.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows, header, line = csv.reader(file, strict=True), [], 1
        try:
            for row in rows:
                if header and "".join(row).strip():
                    _check_width(len(row), len(header), line)
                elif not header:
                    header = row
                    _check_header(row, line)
                line = rows.line_num + 1
        except csv.Error:
            told = f"line {line}: a quote without its end; export with quotes in text doubled"
            raise Unreadable(told) from None


def _check_header(names: list[str], line: int) -> None:
    for sign, name in OTHER_SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            told = f"{name} separates the fields; export with ',' and decimal points"
            raise Unreadable(f"line {line}: {told}")
    for name, times in Counter(map(str.strip, names)).items():
        if times > 1:
            told = f"{times} columns are called {name!r}; export each once"
            raise Unreadable(f"line {line}: {told}")


def _check_width(found: int, expected: int, line: int) -> None:
    cure = "export numbers with '.', text in quotes" if found > expected else "export it again"
    if found != expected:
        raise Unreadable(f"line {line}: {found} fields instead of {expected}; {cure}")


def read(path: Path, max_rows: int, seed: int) -> Batch:
    """Read at most `max_rows` rows, the same ones for the same seed.

    Raises:
        Unreadable: rows and header do not fit together, or there is no header.
    """
    check_form(path)
    sampler, rows = _Sampler(max_rows, np.random.default_rng(seed)), 0
    ids: list[np.ndarray] = []
    # Only an empty field is missing: "NA" or "null" are spellings that the checks should see.
    options = {"dtype": str, "keep_default_na": False, "na_values": [""], "encoding": "utf-8"}
    try:
        with pd.read_csv(path, chunksize=CHUNK, **options) as chunks:
            for chunk in chunks:
                if not isinstance(chunk.index, pd.RangeIndex):
                    raise Unreadable("rows have more fields than the header")
                rows += len(chunk)
                if ID in chunk:
                    # 8 bytes a row, instead of the text.
                    ids.append(pd.util.hash_array(chunk[ID].str.strip().to_numpy(dtype=object)))
                sampler.add(chunk)
    except pd.errors.EmptyDataError:
        raise Unreadable("the file is empty, without even a header") from None
    except pd.errors.ParserError as error:
        raise Unreadable(str(error).strip()) from None
    known = np.concatenate(ids) if ids else np.empty(0)
    return Batch(sampler.frame, rows, len(known) - len(np.unique(known)))


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
