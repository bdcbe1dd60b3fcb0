"""Judge champion and challenger on the same customers, whom neither has seen."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import skops.io
import train
from delivery.shell import output

from retraining import record, scores
from retraining.model_registry import CHAMPION, Registry
from retraining.step import Lost, finish, settings, table

REPORT = Path("comparison.json")
VERDICTS = {True: "ok", False: "refused", None: "too few rows"}
Limits = dict[str, Any]


class Row(NamedTuple):
    """One line of the report; `good` is None for what is shown and not judged."""

    what: str
    rows: int
    champion: float | None
    challenger: float | None
    difference: str
    allowed: str
    good: bool | None


def judge(
    inputs: pd.DataFrame, target: np.ndarray, old: Any, new: Any, limits: Limits, seed: int
) -> Iterator[Row]:
    """Yield every criterion with its verdict. The challenger must pass them all.

    `old` and `new` are what both say about the customers; the champion may not exist yet.

    1. Its ROC AUC is at least `min_roc_auc`. A champion may be bad, and the first has no rival.
    2. It gains at least `margin`. This is about worth: less does not pay for a rollout.
    3. The interval of the gain lies above 0. This is about luck: on a small hold-out noise passes
       for a gain, and whoever retrains every week is lucky sometimes. With a confidence of 0.9, a
       challenger that is no better passes in about one case of 20. The interval need not lie above
       the margin: that would refuse most true gains of the very size that was said to be worth it.
    4. Its Brier score is not worse by more than `brier_tolerance`: the probabilities are used.
    5. No slice loses more than `slice_tolerance`. Many slices with few rows mean much noise, so
       small ones are not judged, and the tolerance is wider than the margin.
    """
    size, least = len(target), limits["min_roc_auc"]
    both = [None if one is None else scores.auc(target, one) for one in (old, new)]
    yield Row("roc_auc", size, *both, "", f"at least {least:g}", both[1] >= least)
    if old is None:
        return
    gain, margin = both[1] - both[0], limits["margin"]
    yield Row("gain", size, *both, f"{gain:+.4f}", f"{margin:+g} or more", gain >= margin)
    sure = limits["confidence"]
    low, high = scores.gain_interval(target, old, new, limits["resamples"], sure, seed)
    said = f"{low:+.4f} to {high:+.4f}"
    yield Row(f"gain, {sure:.0%} sure", size, None, None, said, "above 0", low > 0)
    brier = [float(np.mean((one - target) ** 2)) for one in (old, new)]
    loss, most = brier[1] - brier[0], limits["brier_tolerance"]
    yield Row("brier", size, *brier, f"{loss:+.4f}", f"up to {most:+g}", loss <= most)
    for name, inside in scores.slices(inputs, limits["tenure_bands"]):
        yield by_slice(name, target[inside], old[inside], new[inside], limits)


def by_slice(name: str, target: np.ndarray, old: Any, new: Any, limits: Limits) -> Row:
    """Judge criterion 5 on one group of customers."""
    rows, fewest = len(target), min(target.sum(), len(target) - target.sum())
    both = scores.auc(target, old), scores.auc(target, new)
    gain, least = both[1] - both[0], -limits["slice_tolerance"]
    enough = rows >= limits["slice_rows"] and fewest >= limits["slice_class_rows"]
    allowed, good = (f"{least:+g} or more", gain >= least) if enough else ("", None)
    return Row(name, rows, *both, f"{gain:+.4f}", allowed, good)


def report(rows: list[Row]) -> str:
    """Lay out the comparison for people."""
    lines = []
    for what, size, *both, difference, allowed, good in rows:
        shown = ["" if score is None else f"{score:.4f}" for score in both]
        lines.append([what, str(size), *shown, difference, allowed, VERDICTS[good]])
    return table(["on the hold-out", *Row._fields[1:-1], "verdict"], lines)


@finish
def main() -> None:
    """Compare, print and write the report."""
    limits, made, registry = settings(), record.read(), Registry()
    inputs, target = train.load_data(record.HOLDOUT)
    challenger = skops.io.load(record.MODEL_FILE, trusted=train.TRUSTED_TYPES)
    new, old = challenger.predict_proba(inputs)[:, 1], None
    version = registry.aliases().get(CHAMPION)
    if version is not None:
        champion, _ = registry.load(f"models:/{registry.model}/{version}")
        old = champion.predict_proba(inputs)[:, 1]
    rows = list(judge(inputs, target.to_numpy(), old, new, limits["compare"], limits["seed"]))
    failed = [row.what for row in rows if row.good is False]
    content = {"promote": not failed, "champion": version, "model_md5": made.model_md5}
    train.write_json(content | {"rows": [row._asdict() for row in rows]}, REPORT)
    output(promote=not failed, champion=version or "")
    print(f"champion: {f'version {version}' if version else 'none yet'}")
    print(report(rows))
    if failed:
        raise Lost(f"the challenger does not replace the champion: {', '.join(failed)}")
    print("the challenger may be promoted")


if __name__ == "__main__":
    sys.exit(main())
