"""How far a batch has moved away from the training data."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from retraining.checks import OK, WARNING, Check, numbers

# Stands for an empty bin, whose logarithm there is not.
SMALLEST_SHARE = 1e-4


def psi(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return the population stability index of two lists of shares over the same bins.

    The sum of (actual - expected) * ln(actual / expected). Below 0.1 little has changed, above 0.25
    much has, by convention: Yurdakul, Statistical Properties of Population Stability Index, 2018,
    https://scholarworks.wmich.edu/dissertations/3208. It also shows that the index of two equal
    populations is not 0 but near (bins - 1) * (1 / rows + 1 / rows): mind it with few rows.
    """
    expected, actual = (np.maximum(shares, SMALLEST_SHARE) for shares in (expected, actual))
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def bin_numbers(reference: pd.Series, new: pd.Series, bins: int) -> tuple[pd.Series, pd.Series]:
    """Sort numbers into the quantiles of the reference; missing ones are a bin of their own."""
    inner = np.unique(reference.quantile(np.linspace(0, 1, bins + 1)[1:-1]).dropna())
    edges = np.concatenate([[-np.inf], inner, [np.inf]])
    first, second = (pd.cut(values, edges, labels=False) for values in (reference, new))
    return first, second


def shares(reference: pd.Series, new: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each value in both columns; missing counts as one."""
    counted = [column.value_counts(normalize=True, dropna=False) for column in (reference, new)]
    both = pd.concat(counted, axis=1).fillna(0.0).to_numpy()
    return both[:, 0], both[:, 1]


def check(new: pd.DataFrame, reference: pd.DataFrame, columns: Any, limits: Any) -> Iterator[Check]:
    """Yield the drift of every column that both tables have. It never refuses a batch."""
    for name, rules in columns.items():
        if name not in new or name not in reference or rules["kind"] == "id":
            continue
        both = reference[name], new[name]
        if rules["kind"] != "category":
            both = numbers(both[0]), numbers(both[1])
            yield from kolmogorov_smirnov(*both, limits)
            both = bin_numbers(*both, limits["bins"])
        index = psi(*shares(*both))
        verdict = OK if index <= limits["psi"] else WARNING
        yield Check(name, "drift, psi", f"{index:.3f}", f"up to {limits['psi']:g}", verdict)


def kolmogorov_smirnov(old: pd.Series, new: pd.Series, limits: Any) -> Iterator[Check]:
    """Compare two distributions; both the distance and its p-value must speak for a drift.

    The p-value assumes continuous values, and is too large for columns with few different ones.
    https://docs.scipy.org/doc/scipy-1.17.0/reference/generated/scipy.stats.ks_2samp.html
    """
    old, new = old.dropna(), new.dropna()
    if old.empty or new.empty:
        return
    distance, p = ks_2samp(old, new, method="asymp")
    moved = distance > limits["ks"] and p < limits["ks_p_value"]
    found = f"{distance:.3f}, " + ("p < 0.001" if p < 0.001 else f"p = {p:.3f}")
    yield Check(str(new.name), "drift, ks", found, f"up to {limits['ks']:g}",
                WARNING if moved else OK)  # fmt: skip
