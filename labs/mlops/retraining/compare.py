"""Judge champion and challenger on the same customers, whom neither has seen."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
import train
from delivery.shell import output

from retraining import record, scores
from retraining.model_registry import CHAMPION, Registry
from retraining.step import Lost, finish, settings, table

REPORT = Path("comparison.json")
Limits = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the report; `good` is None for what is shown and not judged."""

    what: str
    rows: int
    champion: float | None
    challenger: float | None
    difference: str
    allowed: str
    good: bool | None


@dataclass(frozen=True)
class Holdout:
    """The customers and what the models say about them; the champion may not exist yet."""

    inputs: pd.DataFrame
    target: pd.Series
    challenger: np.ndarray
    champion: np.ndarray | None


def judge(holdout: Holdout, limits: Limits, seed: int) -> list[Row]:
    """Return every criterion with its verdict. The challenger must pass them all.

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
    return [*overall(holdout, limits, seed), *by_slice(holdout, limits)]


def overall(holdout: Holdout, limits: Limits, seed: int) -> Iterator[Row]:
    """Yield criteria 1 to 4."""
    target, size = holdout.target.to_numpy(), len(holdout.target)
    new, old = holdout.challenger, holdout.champion
    new_auc, least = scores.auc(target, new), limits["min_roc_auc"]
    old_auc = None if old is None else scores.auc(target, old)
    yield Row("roc_auc", size, old_auc, new_auc, "", f"at least {least:g}", new_auc >= least)
    if old is None or old_auc is None:
        return
    gain, margin = new_auc - old_auc, limits["margin"]
    yield Row(
        "gain", size, old_auc, new_auc, f"{gain:+.4f}", f"{margin:+g} or more", gain >= margin
    )
    low, high = scores.difference_interval(
        target, old, new, limits["resamples"], limits["confidence"], seed
    )
    said = f"{low:+.4f} to {high:+.4f}"
    yield Row(f"gain, {limits['confidence']:.0%} sure", size, None, None, said, "above 0", low > 0)
    old_brier, new_brier = (float(np.mean((p - target) ** 2)) for p in (old, new))
    loss, most = new_brier - old_brier, limits["brier_tolerance"]
    yield Row("brier", size, old_brier, new_brier, f"{loss:+.4f}", f"up to {most:+g}", loss <= most)


def by_slice(holdout: Holdout, limits: Limits) -> Iterator[Row]:
    """Yield criterion 5."""
    if holdout.champion is None:
        return
    allowed = f"{-limits['slice_tolerance']:+g} or more"
    parts = holdout.inputs, holdout.target, holdout.champion, holdout.challenger
    for part in scores.slices(*parts, limits["tenure_bands"]):
        gain = part.challenger - part.champion
        enough = part.rows >= limits["slice_rows"] and part.fewest >= limits["slice_class_rows"]
        good = gain >= -limits["slice_tolerance"] if enough else None
        both = part.champion, part.challenger
        yield Row(part.name, part.rows, *both, f"{gain:+.4f}", allowed if enough else "", good)


def report(rows: list[Row]) -> str:
    """Lay out the comparison for people."""
    head = ["on the hold-out", "rows", "champion", "challenger", "difference", "allowed", "verdict"]
    words = {True: "ok", False: "refused", None: "too few rows"}
    lines = []
    for row in rows:
        both = [f"{v:.4f}" if v is not None else "" for v in (row.champion, row.challenger)]
        lines.append([row.what, str(row.rows), *both, row.difference, row.allowed, words[row.good]])
    return table(head, lines)


def champion_of(registry: Registry, inputs: pd.DataFrame) -> tuple[str | None, np.ndarray | None]:
    """Return the champion's version and what it says; both None if there is no champion."""
    version = registry.aliases().get(CHAMPION)
    if version is None:
        return None, None
    model, _ = registry.load(f"models:/{registry.model}/{version}")
    return version, model.predict_proba(inputs)[:, 1]


def run() -> None:
    """Compare, print and write the report."""
    limits, made, registry = settings(), record.read(), Registry()
    inputs, target = train.load_data(record.HOLDOUT)
    challenger = skops.io.load(record.MODEL_FILE, trusted=train.TRUSTED_TYPES)
    version, champion = champion_of(registry, inputs)
    holdout = Holdout(inputs, target, challenger.predict_proba(inputs)[:, 1], champion)
    rows = judge(holdout, limits["compare"], limits["seed"])
    failed = [row.what for row in rows if row.good is False]
    content = {"promote": not failed, "champion": version, "model_md5": made.model_md5}
    train.write_json(content | {"rows": [asdict(row) for row in rows]}, REPORT)
    output(promote=not failed, champion=version or "")
    print(f"champion: {f'version {version}' if version else 'none yet'}")
    print(report(rows))
    if failed:
        raise Lost(f"the challenger does not replace the champion: {', '.join(failed)}")
    print("the challenger may be promoted")


def main(argv: list[str] | None = None) -> int:
    """Compare the models."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    return finish(run)


if __name__ == "__main__":
    sys.exit(main())
