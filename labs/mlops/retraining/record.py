"""What a model was made from: written by train, and checked by every step after it."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import train
import yaml
from delivery.shell import md5_of

from retraining.step import Unusable, read_json

PARAMS = Path("params.yaml")
RECORD = Path("data/training.json")
MODEL_FILE = Path("models/model.skops")
TRAINING = Path("data/training.csv")
HOLDOUT = Path("data/holdout.csv")


class Record(NamedTuple):
    """Hashes of all that went into a model, and of what came out."""

    git_commit: str
    params_hash: str
    batch_md5: str
    data_md5: str
    holdout_md5: str
    model_md5: str

    @property
    def identity(self) -> dict[str, str]:
        """What two trainings of the same model have in common."""
        return {name: getattr(self, name) for name in ("git_commit", "params_hash", "data_md5")}


def parse_params(text: str) -> dict[str, Any]:
    """Return the training params of a params.yaml."""
    return yaml.safe_load(text)["train"]


def read_params() -> dict[str, Any]:
    """Return those of the params.yaml that is here."""
    return parse_params(PARAMS.read_text(encoding="utf-8"))


def params_hash(params: dict[str, Any]) -> str:
    """Return a hash of the params that a training uses; others may change."""
    text = json.dumps(train.used_params(params), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write(batch: Path, params: dict[str, Any]) -> Record:
    """Record the training whose files lie here."""
    md5s = map(md5_of, (batch, TRAINING, HOLDOUT, MODEL_FILE))
    record = Record(train.git_commit(), params_hash(params), *md5s)
    train.write_json(record._asdict(), RECORD)
    return record


def read() -> Record:
    """Read the record; each file must still be the one that the training left."""
    record = Record(**read_json(RECORD, made_by="train"))
    md5s = record.data_md5, record.holdout_md5, record.model_md5
    for path, md5 in zip((TRAINING, HOLDOUT, MODEL_FILE), md5s, strict=True):
        if not path.exists() or md5_of(path) != md5:
            raise Unusable(f"{path} is not the file that {RECORD} names: train again")
    return record
