"""How soon five detectors notice a change, and how often they cry wolf.

`python detectors.py` draws streams of rows and prints, for each detector and each change, after how
many rows it speaks up. Four look at windows of 200 rows. The fifth looks at each row, and
remembers. Each has the limit at which it cries wolf once in so many rows, if nothing changes; how
often it then does is counted on other streams than those on which the limit was found.
"""

import json

import numpy as np

WINDOW, STREAMS, REFERENCE = 200, 40, 5_000
QUIET_WINDOWS, WINDOWS = 1_000, 150
CHANGES = {
    "mean": [(shift, 1.0) for shift in (0.1, 0.2, 0.3, 0.5, 1.0)],
    "spread": [(0.0, scale) for scale in (1.1, 1.2, 1.3, 1.5, 2.0)],
}
QUIET = [2_000, 5_000, 10_000, 20_000]  # rows from one false alarm to the next
rng = np.random.default_rng(7)
known = np.sort(rng.normal(size=REFERENCE)).astype(np.float32)
edges = np.quantile(known, np.linspace(0, 1, 11)[1:-1])


def counts(rows: np.ndarray) -> np.ndarray:
    """How many rows of each window are in each tenth of the reference."""
    up_to = [np.count_nonzero(rows <= edge, axis=-1) for edge in edges.tolist()]
    return np.diff(np.stack(up_to, axis=-1), axis=-1, prepend=0, append=WINDOW)


def psi(rows: np.ndarray) -> np.ndarray:
    """Population stability index."""
    shares = np.maximum(counts(rows) / WINDOW, 1e-4)
    return ((shares - 0.1) * np.log(shares / 0.1)).sum(axis=-1)


def chi_squared(rows: np.ndarray) -> np.ndarray:
    """Pearson's statistic."""
    return ((counts(rows) - WINDOW / 10) ** 2).sum(axis=-1) / (WINDOW / 10)


def kolmogorov_smirnov(rows: np.ndarray) -> np.ndarray:
    """The largest distance of the two distribution functions."""
    there = np.searchsorted(known, np.sort(rows), side="right") / np.float32(REFERENCE)
    over = np.arange(1, WINDOW + 1, dtype=np.float32) / WINDOW - there  # and 1 / WINDOW less before
    return np.maximum(over.max(axis=-1), 1 / WINDOW - over.min(axis=-1))


def wasserstein(rows: np.ndarray) -> np.ndarray:
    """How far the rows have to be moved, on average."""
    wanted = np.quantile(known, (np.arange(WINDOW) + 0.5) / WINDOW)
    return np.abs(np.sort(rows) - wanted).mean(axis=-1)


def cusum(rows: np.ndarray, slack: float = 0.1) -> np.ndarray:
    """Sums of what is above and below the mean, row by row: Page, Biometrika 41, 1954.

    A sum that starts again at 0 is as high as one that does not is above its lowest point.
    """
    scaled = ((rows - known.mean()) / known.std()).reshape(len(rows), -1)
    up, down = (np.cumsum(way * scaled - slack, axis=1) for way in (1, -1))
    up -= np.minimum(np.minimum.accumulate(up, axis=1), 0)
    down -= np.minimum(np.minimum.accumulate(down, axis=1), 0)
    return np.maximum(up, down)


DETECTORS = {
    "PSI": psi,
    "chi-squared": chi_squared,
    "Kolmogorov-Smirnov": kolmogorov_smirnov,
    "Wasserstein": wasserstein,
    "CUSUM": cusum,
}


def streams(windows: int, shift: float = 0, scale: float = 1) -> np.ndarray:
    """Rows by stream and window."""
    return shift + scale * rng.standard_normal((STREAMS, windows, WINDOW), dtype=np.float32)


def delay(statistic: np.ndarray, limit: float, windows: int = WINDOWS) -> float:
    """The rows until it is above the limit, as a mean over the streams; at most all there are."""
    above, steps = statistic > limit, statistic.shape[1]
    first = np.where(above.any(axis=1), above.argmax(axis=1) + 1, steps)
    return float(first.mean()) * windows * WINDOW / steps


def limit_for(statistic: np.ndarray, quiet: float) -> float:
    """The limit that it passes after so many rows without any change."""
    low, high = 0.0, float(statistic.max())
    for _ in range(20):
        middle = (low + high) / 2
        early = delay(statistic, middle, QUIET_WINDOWS) < quiet
        low, high = (middle, high) if early else (low, middle)
    return high


def main() -> None:
    """Find the limits where nothing changes, and then change something."""
    changes = [(kind, *change) for kind, some in CHANGES.items() for change in some]
    calm = streams(QUIET_WINDOWS)
    changed = np.concatenate([streams(WINDOWS, *change) for _, *change in changes])
    fresh = streams(QUIET_WINDOWS)
    found: dict = {"mean": {}, "spread": {}, "quiet": {}}
    for name, detector in DETECTORS.items():
        quiet = detector(calm)
        limits = [limit_for(quiet, rows) for rows in QUIET]
        other = detector(fresh)
        between = [delay(other, limit, QUIET_WINDOWS) for limit in limits]
        moved = np.split(detector(changed), len(changes))
        for (kind, shift, scale), statistic in zip(changes, moved, strict=True):
            size = round(max(shift, scale - 1), 2)
            found[kind].setdefault(name, []).append((size, delay(statistic, limits[-1])))
            if shift == 0.2:
                rows = [delay(statistic, limit) for limit in limits]
                found["quiet"][name] = list(zip(between, rows, strict=True))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
