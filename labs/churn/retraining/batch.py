"""Read a batch of any size in bounded memory, with every value as the text that is in the file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

CHUNK = 50_000
ID = "customer_id"


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
        Unreadable: one is not UTF-8; the message says which and where.
    """
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                where = f"byte {offset + error.start}, in line {number}"
                raise Unreadable(f"0x{line[error.start]:02x} at {where}") from None
            offset += len(line)


def read(path: Path, max_rows: int, seed: int) -> Batch:
    """Read at most `max_rows` rows, the same ones for the same seed.

    Raises:
        Unreadable: rows and header do not fit together, or there is no header.
    """
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
                    ids.append(pd.util.hash_array(chunk[ID].to_numpy(dtype=object)))
                sampler.add(chunk)
    except pd.errors.EmptyDataError:
        raise Unreadable("the file is empty, without even a header") from None
    except pd.errors.ParserError as error:
        raise Unreadable(str(error).strip()) from None
    known = np.concatenate(ids) if ids else np.empty(0)
    return Batch(sampler.frame, rows, len(known) - len(np.unique(known)))


def row_hashes(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return a number for each row; equal rows have equal numbers."""
    return pd.util.hash_pandas_object(frame[columns], index=False)
