"""ROC AUC with its uncertainty, and by slice."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

# Numbers that a block of resamples may hold, so that memory does not grow with the data.
BLOCK = 2_000_000


class Interval(NamedTuple):
    """A percentile interval."""

    low: float
    high: float


class Slice(NamedTuple):
    """Some rows, and both models' ROC AUC on them; NaN where they are of one class."""

    name: str
    rows: int
    fewest: int  # rows of the rarer class
    champion: float
    challenger: float


def weighted_auc(target: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the ROC AUC for each row of weights, all at once.

    The share of pairs of a positive and a negative that are in the right order, with ties as half:
    Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.
    """
    order = np.argsort(score)
    starts = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    sorted_weights, positive = weights[:, order], target[order] == 1
    up = np.add.reduceat(sorted_weights * positive, starts, axis=1)
    down = np.add.reduceat(sorted_weights * ~positive, starts, axis=1)
    below = np.cumsum(down, axis=1) - down / 2
    return (up * below).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1))


def resamples(target: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw how often each row is in a resample; each keeps the number of rows of either class."""
    weights = np.empty((number, len(target)))
    for value in (0, 1):
        rows = np.flatnonzero(target == value)
        weights[:, rows] = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), number)
    return weights


def difference_interval(
    target: np.ndarray,
    champion: np.ndarray,
    challenger: np.ndarray,
    number: int,
    confidence: float,
    seed: int,
) -> Interval:
    """Return the interval of the challenger's gain in ROC AUC by a paired, stratified bootstrap.

    Paired, because both models score the same rows and mostly err on the same ones. As in pROC:
    Robin and others 2011, https://doi.org/10.1186/1471-2105-12-77.
    """
    rng, gains, left = np.random.default_rng(seed), [], number
    while left > 0:
        block = min(left, max(1, BLOCK // len(target)))
        weights = resamples(target, block, rng)
        old, new = (weighted_auc(target, score, weights) for score in (champion, challenger))
        gains.append(new - old)
        left -= block
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(gains), [tail, 1 - tail])
    return Interval(float(low), float(high))


def slices(
    inputs: pd.DataFrame,
    target: pd.Series,
    champion: np.ndarray,
    challenger: np.ndarray,
    tenure_bands: list[int],
) -> Iterator[Slice]:
    """Score both models on each group of customers."""
    groups = inputs[["contract", "internet_service"]].assign(
        senior=inputs["senior"].map({0: "no", 1: "yes"}),
        tenure=banded(inputs["tenure_months"], tenure_bands),
    )
    for column in groups:
        for value in groups[column].astype("category").cat.categories:
            inside = (groups[column] == value).to_numpy()
            labels = target.to_numpy()[inside]
            fewest = int(min(labels.sum(), len(labels) - labels.sum()))
            both = (auc(labels, score[inside]) for score in (champion, challenger))
            yield Slice(f"{column} {value}", len(labels), fewest, *both)


def banded(values: pd.Series, starts: list[int]) -> pd.Series:
    """Sort whole numbers into bands, each from its start to just before the next one's."""
    ends = [f"{start} to {after - 1}" for start, after in pairwise(starts)]
    return pd.cut(values, [*starts, np.inf], right=False, labels=[*ends, f"{starts[-1]} and more"])


def auc(target: np.ndarray, score: np.ndarray) -> float:
    """Return ROC AUC, or NaN if there is only one class."""
    return float(roc_auc_score(target, score)) if len(np.unique(target)) == 2 else float("nan")
