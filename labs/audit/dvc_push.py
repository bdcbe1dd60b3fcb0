"""`dvc push` after training behind DVC's back. Needs an S3 at AWS_ENDPOINT_URL."""

import hashlib
import sys
import uuid
from pathlib import Path
from typing import Any

from mlops_lab.core.process import run

STAGE = "stages:\n  train:\n    cmd: python train.py\n    deps: [train.py]\n    outs: [model]\n"
TRAIN = "open('model', 'w').write('{}')"


def dvc(*arguments: str) -> str:
    """Run DVC in the current folder and return the last line that it printed."""
    said = run(Path(sys.executable).parent / "dvc", *arguments)
    return (said.strip().splitlines() or [""])[-1]


def dvc_push_nothing() -> None:
    """A model that was trained outside of `dvc repro` is not pushed, and push does not mind."""
    import boto3

    bucket = f"audit-{uuid.uuid4().hex[:12]}"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    Path("dvc.yaml").write_text(STAGE)
    Path("train.py").write_text(TRAIN.format("old"))
    for command in (
        "init --no-scm",
        f"remote add -d s3 s3://{bucket}/dvc",
        "repro",
    ):
        dvc(*command.split())
    print("dvc repro, dvc push:      ", dvc("push"))
    Path("train.py").write_text(TRAIN.format("new"))
    run(sys.executable, "train.py")
    print("python train.py, dvc push:", dvc("push"))
    assert not _there(s3, bucket), "the new model should not be in the bucket yet"
    dvc("commit", "--force")
    print("dvc commit, dvc push:     ", dvc("push"))
    assert _there(s3, bucket)


def _there(s3: Any, bucket: str) -> bool:
    """Whether the bucket has the model that the workspace has."""
    md5 = hashlib.md5(Path("model").read_bytes()).hexdigest()
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return any(one["Key"].endswith(f"{md5[:2]}/{md5[2:]}") for one in found)
