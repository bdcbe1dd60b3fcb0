"""Train the challenger on the old data and the new batch, and hold out a part of the batch."""

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
from retraining.step import Refused, Unusable, finish, read_json, settings
from retraining.validate import REFERENCE, REPORT

LOCK = Path("data/.training.lock")
MODELS = Path("models")
METRICS = Path("metrics.json")


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process trains here. The lock ends with its process, however it ends."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            print(f"process {file.read().strip()} is training here; waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def check_validated(data: Path) -> None:
    """Let only a batch through that validation has passed.

    Raises:
        Refused: it has not.
    """
    report = read_json(REPORT, made_by="validate")
    if report["md5"] != md5_of(data):
        raise Refused(f"{REPORT} is about another file than {data}: validate it first")
    if not report["passed"]:
        raise Refused(f"{data} did not pass validation: see {REPORT}")


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


def run(args: argparse.Namespace) -> None:
    """Train under the lock, write all files and report."""
    limits, params = settings(), record.parse_params(record.PARAMS.read_text(encoding="utf-8"))
    if not args.data.exists():
        raise Unusable(f"{args.data} is not there: run python -m retraining.fetch first")
    with alone():
        check_validated(args.data)
        size = limits["batch"]["max_rows"], limits["seed"]
        reference, new = batch.read(args.reference, *size), batch.read(args.data, *size)
        parts = split(reference.frame, new.frame, limits)
        for frame, path in zip(parts, (TRAINING, HOLDOUT), strict=True):
            generate_data.write(frame, path)
        model, scores = fit(params)
        train.save(model, params["threshold"], MODELS)
        train.write_json(scores, METRICS)
        made = record.write(args.reference, args.data, params)
    rows = f"{len(parts[0])} rows, {len(reference.frame)} old and the rest new"
    print(f"trained {params['model']} on {rows}; held out {len(parts[1])} new rows")
    print(f"on these: roc_auc {scores['roc_auc']:.4f}, brier {scores['brier']:.4f}")
    print(f"data md5 {made.data_md5}")
    output(data_md5=made.data_md5, model_md5=made.model_md5, roc_auc=scores["roc_auc"])


def main(argv: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/new.csv"))
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="the training data")
    args = parser.parse_args(argv)
    return finish(lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
