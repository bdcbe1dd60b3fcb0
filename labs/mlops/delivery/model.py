"""Make data and model with DVC, push them, prove that they are there, and record them in git."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from delivery import repository
from delivery.shell import call, md5_of, need, output


def model_md5(lock: Path = Path("dvc.lock")) -> str:
    """The md5 of the model that dvc.lock names."""
    outs = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"]["train"]["outs"]
    return str(next(one["md5"] for one in outs if one["path"].endswith("model.skops")))


def data() -> None:
    """Make the dataset; if its recipe is still the one in dvc.lock, get the one that it names.

    A retraining has put other rows there than the recipe gives, and those are what counts.
    """
    before = _locked("generate")
    _reproduce("generate")
    after = _locked("generate")
    same = all(before.get(part) == after.get(part) for part in ("cmd", "deps", "params"))
    if same and before["outs"] != after["outs"]:
        raise SystemExit("the remote lacks the dataset that dvc.lock names, and this is another")


def train() -> None:
    """Train, unless dvc.lock has a model of this code, these params and this data."""
    _reproduce("train")


def _locked(stage: str) -> dict[str, Any]:
    lock = Path("dvc.lock")
    known = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"] if lock.exists() else {}
    return dict(known.get(stage, {}))


def _reproduce(stage: str) -> None:
    """`dvc repro`. A fresh checkout has only dvc.lock, so that what it names has to be pulled."""
    pull = []
    if "BUCKET" in os.environ:
        _connect()
        pull = ["--pull"]
    print(call("dvc", "repro", *pull, stage))


def push() -> None:
    """`dvc push`, then ask the remote whether it has all that dvc.lock names.

    A push alone proves little: it sends what the cache has, and is content with nothing.
    """
    if not Path("dvc.lock").exists():
        raise SystemExit("there is no dvc.lock: without `dvc repro`, push has nothing to send")
    _connect()
    print(call("dvc", "push"))
    missing = json.loads(call("dvc", "status", "--cloud", "--json") or "{}")
    if missing:
        raise SystemExit(f"the remote lacks: {', '.join(missing)}")
    output(model=model_md5())


def pull() -> None:
    """Fetch the model with the md5 MODEL_MD5 into models/; its md5 is all that one has to know.

    DVC keeps a file under its md5: https://dvc.org/doc/user-guide/project-structure/internal-files
    """
    import boto3

    md5, target = need("MODEL_MD5"), Path("models/model.skops")
    target.parent.mkdir(exist_ok=True)
    key = f"dvc/files/md5/{md5[:2]}/{md5[2:]}"
    boto3.client("s3").download_file(need("BUCKET"), key, str(target))
    if (found := md5_of(target)) != md5:
        raise SystemExit(f"{key} has the md5 {found}")
    print(f"{target} is the model {md5}")


def pull_data() -> None:
    """Get the training data that dvc.lock names."""
    _connect()
    print(call("dvc", "pull", "data/churn.csv"))


def commit() -> None:
    """Make the challenger's training data the project's, and let dvc.lock name what is here now."""
    shutil.copy("data/training.csv", "data/churn.csv")
    print(call("dvc", "commit", "--force"))


def record() -> None:
    """Commit dvc.lock and metrics.json, so that the commit leads to the data and the model."""
    message = f"Train on {os.environ.get('GITHUB_EVENT_NAME', 'request')} [skip ci]"
    repository.commit(Path(), message, ["dvc.lock", "metrics.json"])
    output(commit=call("git", "rev-parse", "HEAD"))


def publish() -> None:
    """Bring that commit to main."""
    repository.join(Path())


def _connect() -> None:
    url = f"s3://{need('BUCKET')}/dvc"
    call("dvc", "remote", "add", "--force", "--local", "--default", "storage", url)


COMMANDS = {
    "data": data,
    "train": train,
    "pull": pull,
    "pull-data": pull_data,
    "commit": commit,
    "push": push,
    "record": record,
    "publish": publish,
}


if __name__ == "__main__":
    COMMANDS[sys.argv[1]]()
