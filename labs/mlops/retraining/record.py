"""What a model was made from: written by train, and checked by every step after it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import train
import yaml
from delivery.shell import md5_of

from retraining.step import Unusable, read_json

PARAMS = Path("params.yaml")
RECORD = Path("data/training.json")
MODEL_FILE = Path("models/model.skops")
TRAINING = Path("data/training.csv")
HOLDOUT = Path("data/holdout.csv")


@dataclass(frozen=True)
class Record:
    """Hashes of all that went into a model, and of what came out."""

    git_commit: str
    params_hash: str
    reference_md5: str
    batch_md5: str
    data_md5: str
    holdout_md5: str
    model_md5: str

    @property
    def identity(self) -> dict[str, str]:
        """What two trainings of the same model have in common."""
        names = ("git_commit", "params_hash", "data_md5")
        return {name: getattr(self, name) for name in names}


def parse_params(text: str) -> dict[str, Any]:
    """Return the training params of a params.yaml."""
    return yaml.safe_load(text)["train"]


def params_hash(params: dict[str, Any]) -> str:
    """Return a hash of the params that a training uses; others may change."""
    text = json.dumps(train.used_params(params), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write(reference: Path, batch: Path, params: dict[str, Any]) -> Record:
    """Record the training whose files lie here."""
    record = Record(
        git_commit=train.git_commit(),
        params_hash=params_hash(params),
        reference_md5=md5_of(reference),
        batch_md5=md5_of(batch),
        data_md5=md5_of(TRAINING),
        holdout_md5=md5_of(HOLDOUT),
        model_md5=md5_of(MODEL_FILE),
    )
    train.write_json(asdict(record), RECORD)
    return record


def read() -> Record:
    """Read the record.

    Raises:
        Unusable: it is not there, or a file is no longer the one that the training left.
    """
    record = Record(**read_json(RECORD, made_by="train"))
    files = (
        (TRAINING, record.data_md5),
        (HOLDOUT, record.holdout_md5),
        (MODEL_FILE, record.model_md5),
    )
    for path, md5 in files:
        if not path.exists() or md5_of(path) != md5:
            raise Unusable(f"{path} is not the file that {RECORD} names: train again")
    return record
