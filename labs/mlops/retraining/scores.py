"""ROC AUC with its uncertainty, and the groups of customers that it is looked at by."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import bootstrap, mannwhitneyu
from sklearn.metrics import roc_auc_score


def auc(target: np.ndarray, score: np.ndarray) -> float:
    """Return ROC AUC, or NaN if there is only one class."""
    return float(roc_auc_score(target, score)) if len(np.unique(target)) == 2 else float("nan")


def aucs(score: np.ndarray, up: np.ndarray, down: np.ndarray, axis: int) -> np.ndarray:
    """Return the ROC AUC of many resamples at once, each as row numbers of the two classes.

    The share of pairs of a positive and a negative that are in the right order, with ties as half:
    Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.
    """
    # The p-value is not needed, and without a method it might be an exact one, which takes long.
    pairs = mannwhitneyu(score[up], score[down], axis=axis, method="asymptotic").statistic
    return pairs / (up.shape[axis] * down.shape[axis])


def gain_interval(
    target: np.ndarray,
    champion: np.ndarray,
    challenger: np.ndarray,
    number: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """Return the interval of the challenger's gain in ROC AUC by a paired, stratified bootstrap.

    Paired, because both models score the same rows and mostly err on the same ones. As in pROC:
    Robin and others 2011, https://doi.org/10.1186/1471-2105-12-77.
    """

    def gain(up: np.ndarray, down: np.ndarray, axis: int) -> np.ndarray:
        return aucs(challenger, up, down, axis) - aucs(champion, up, down, axis)

    # Two samples, so that each class keeps its size; of row numbers, so that they are paired.
    classes = [np.flatnonzero(target == value) for value in (1, 0)]
    options = {"n_resamples": number, "confidence_level": confidence, "method": "percentile"}
    # In batches, so that memory does not grow with the number of resamples.
    found = bootstrap(classes, gain, batch=100, rng=np.random.default_rng(seed), **options)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def slices(inputs: pd.DataFrame, tenure_bands: list[int]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of each group of customers, and which rows are in it."""
    groups = inputs[["contract", "internet_service"]].assign(
        senior=inputs["senior"].map({0: "no", 1: "yes"}),
        tenure=banded(inputs["tenure_months"], tenure_bands),
    )
    for column in groups:
        for value in groups[column].astype("category").cat.categories:
            yield f"{column} {value}", (groups[column] == value).to_numpy()


def banded(values: pd.Series, starts: list[int]) -> pd.Series:
    """Sort whole numbers into bands, each from its start to just before the next one's."""
    ends = [f"{start} to {after - 1}" for start, after in pairwise(starts)]
    return pd.cut(values, [*starts, np.inf], right=False, labels=[*ends, f"{starts[-1]} and more"])
