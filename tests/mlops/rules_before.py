"""How a batch was read when its rows were compared as text: whatever this refused must stay so."""

from pathlib import Path

import pandas as pd
from retraining.batch import Batch, Unreadable


def check_encoding(path: Path) -> None:
    """Every byte but NUL in UTF-8 was let through."""
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(str(error)) from None


def read(path: Path, max_rows: int, seed: int) -> Batch:
    """Pandas alone decided what is a table."""
    try:
        options = {"dtype": str, "keep_default_na": False, "na_values": [""]}
        frame = pd.read_csv(path, encoding="utf-8", **options)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise Unreadable(str(error)) from None
    if not isinstance(frame.index, pd.RangeIndex):
        raise Unreadable("rows have more fields than the header")
    repeated = 0
    if "customer_id" in frame:
        ids = pd.util.hash_array(frame["customer_id"].to_numpy(dtype=object))
        repeated = len(ids) - len(set(ids))
    return Batch(frame, len(frame), repeated)


def row_hashes(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Rows were compared as the text that is in the file."""
    return pd.util.hash_pandas_object(frame[list(columns)], index=False)
