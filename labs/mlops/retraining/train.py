"""Train the challenger on the old data and the new batch, and hold out a part of the batch."""

import sys
from pathlib import Path
from typing import Any

import generate_data
import pandas as pd
import train
from delivery.shell import md5_of, output
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from retraining import batch, record
from retraining.checks import TARGET
from retraining.record import HOLDOUT, TRAINING
from retraining.step import NEW, Refused, finish, read_json, settings, there
from retraining.validate import REFERENCE, REPORT

MODELS = Path("models")
METRICS = Path("metrics.json")


def check_validated() -> None:
    """Let only a batch through that validation has passed."""
    report = read_json(REPORT, made_by="validate")
    if report["md5"] != md5_of(there(NEW, made_by="fetch")):
        raise Refused(f"{REPORT} is about another file than {NEW}: validate it first")
    if not report["passed"]:
        raise Refused(f"{NEW} did not pass validation: see {REPORT}")


def split(
    reference: pd.DataFrame, new: pd.DataFrame, limits: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training data and hold-out.

    Rows of the batch that the reference already holds are left out: the champion has seen them.
    The hold-out is of the batch alone, because that is the world that the model will serve in.
    """
    rules, share = limits["batch"]["columns"], limits["train"]["holdout"]
    known = batch.row_hashes(new, rules).isin(batch.row_hashes(reference, rules))
    fresh = new.loc[~known, list(reference.columns)]
    part, holdout = train_test_split(
        fresh, test_size=share, random_state=limits["seed"], stratify=fresh[TARGET]
    )
    return pd.concat([reference, part]), holdout


def fit(params: dict[str, Any]) -> tuple[Any, dict[str, float]]:
    """Train on all of the training data and score on the hold-out."""
    # One thread, like train.train: the same sums in the same order everywhere.
    with threadpool_limits(1):
        model = train.build_pipeline(params).fit(*train.load_data(TRAINING))
        return model, train.evaluate(model, *train.load_data(HOLDOUT), params["threshold"])


@finish
def main() -> None:
    """Train, write all files and report."""
    check_validated()
    limits, params = settings(), record.read_params()
    size = limits["batch"]["max_rows"], limits["seed"]
    reference, new = (batch.read(path, *size).frame for path in (REFERENCE, NEW))
    parts = split(reference, new, limits)
    for frame, path in zip(parts, (TRAINING, HOLDOUT), strict=True):
        generate_data.write(frame, path)
    model, scores = fit(params)
    train.save(model, params["threshold"], MODELS)
    train.write_json(scores, METRICS)
    made = record.write(NEW, params)
    rows = f"{len(parts[0])} rows, {len(reference)} old and the rest new"
    print(f"trained {params['model']} on {rows}; held out {len(parts[1])} new rows")
    print(f"on these: roc_auc {scores['roc_auc']:.4f}, brier {scores['brier']:.4f}")
    print(f"data md5 {made.data_md5}")
    output(data_md5=made.data_md5, model_md5=made.model_md5, roc_auc=scores["roc_auc"])


if __name__ == "__main__":
    sys.exit(main())
