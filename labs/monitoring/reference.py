"""What is expected: `python reference.py DATA MODEL ACCURACY > reference.json`.

For each input, and for the model's own prediction, it writes where the bins of numbers end, or
which values there are, and the share of rows in each. ACCURACY is what training promised.
Run it with ../churn on PYTHONPATH.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
from train import CATEGORICAL, NUMERIC, TRUSTED_TYPES

BINS = 10


def bin_of(value, bins: list) -> str:
    """The bin of a value: the number of a number's, a category itself, missing, or other."""
    if value is None or value != value:
        return "missing"
    if isinstance(value, str):
        return value if value in bins else "other"
    return str(int(np.searchsorted(bins, value)))


def names(bins: list) -> list[str]:
    """All bins that there can be."""
    known = bins if isinstance(bins[0], str) else [str(n) for n in range(len(bins) + 1)]
    return [*known, "missing", "other"]


def described(column: pd.Series) -> dict:
    """The bins of a column, and the share of its rows in each."""
    present = column.dropna()
    if column.dtype == object:
        bins = sorted(present.unique())
    else:
        bins = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:-1]).round(4)).tolist()
    found = [bin_of(value, bins) for value in column]
    return {"bins": bins, "shares": {name: found.count(name) / len(found) for name in names(bins)}}


if __name__ == "__main__":
    model = skops.io.load(Path(sys.argv[2], "model.skops"), trusted=TRUSTED_TYPES)
    frame = pd.read_csv(sys.argv[1])[NUMERIC + CATEGORICAL]
    frame = frame.assign(prediction=model.predict_proba(frame)[:, 1])
    expected = {name: described(frame[name]) for name in frame}
    print(json.dumps({"accuracy": float(sys.argv[3]), **expected}, indent=1))
