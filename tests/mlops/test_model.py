"""How data and model are made, kept and recorded: labs/mlops/delivery/model.py."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import yaml
from delivery import model, repository
from moto.server import ThreadedMotoServer

from conftest import ROOT, run
from mlops.conftest import git

STAGES = ("generate", "train")
CONNECT = "remote add --force --local --default storage s3://churn-data/dvc"
LOCK = {"stages": {"train": {"outs": [
    {"path": "models/model.json", "md5": "1" * 32}, {"path": "models/model.skops", "md5": "2" * 32},
]}}}  # fmt: skip


PIPELINE = {"stages": {"generate": {
    "cmd": "cp recipe data/churn.csv", "deps": ["recipe"], "outs": ["data/churn.csv"],
}}}  # fmt: skip


def test_without_a_bucket_the_dataset_is_made_here(
    tmp_path: Path, program, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.delenv("BUCKET", raising=False)
    lock = {"stages": {stage: {"cmd": "c", "deps": [], "outs": []} for stage in STAGES}}
    calls = program("dvc", says=f"echo '{json.dumps(lock)}' >dvc.lock; echo done $*")
    model.data()
    model.train()
    assert capsys.readouterr().out == "done repro generate\ndone repro train\n"
    assert [line.split(": ")[1] for line in calls.read_text().splitlines()] == [
        "repro generate", "repro train",
    ]  # fmt: skip


def test_push_refuses_without_a_lock_file(program) -> None:
    calls = program("dvc")
    with pytest.raises(SystemExit, match=r"no dvc\.lock"):
        model.push()
    assert not calls.exists()


@pytest.mark.parametrize("missing", [{}, {"models/model.skops": "new"}], ids=["all", "lacks"])
def test_push_asks_the_remote_whether_it_has_everything(
    program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing, capsys
) -> None:
    monkeypatch.setenv("BUCKET", "churn-data")
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    calls = program("dvc", says=f"test $1 = status && echo '{json.dumps(missing)}'")
    if missing:
        with pytest.raises(SystemExit, match=r"the remote lacks: models/model\.skops"):
            model.push()
    else:
        model.push()
        assert f"model: {'2' * 32}" in capsys.readouterr().out
    asked = [line.split(": ")[1] for line in calls.read_text().splitlines()]
    assert asked == [CONNECT, "push", "status --cloud --json"]


def test_every_step_of_the_makefile_has_its_command() -> None:
    makefile = (ROOT / "labs/mlops/Makefile").read_text()
    assert {*re.findall(r"delivery\.model ([a-z-]+)", makefile)} == {*model.COMMANDS}


def test_the_retraining_s_data_becomes_the_project_s(
    program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("BUCKET", "churn-data")
    calls = program("dvc", says="echo did $1")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/training.csv").write_text("new")
    model.pull_data()
    model.commit()
    assert (tmp_path / "data/churn.csv").read_text() == "new"
    asked = [line.split(": ")[1] for line in calls.read_text().splitlines()]
    assert asked == [CONNECT, "pull data/churn.csv", "commit --force"]
    assert capsys.readouterr().out == "did pull\ndid commit\n"


def test_record_commits_the_lock_file_and_asks_for_no_run(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    repository.clone(str(server), tmp_path / "one")
    monkeypatch.chdir(tmp_path / "one")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "schedule")
    for name in ("dvc.lock", "metrics.json", "other"):
        Path(name).write_text(name)
    model.record()
    assert f"commit: {git('.', 'rev-parse', 'HEAD')}" in capsys.readouterr().out
    assert git(server, "log", "-1", "--format=%s", "main") == "begin"
    model.publish()
    assert git(server, "log", "-1", "--format=%s", "main") == "Train on schedule [skip ci]"
    assert git(server, "show", "--name-only", "--format=", "main").split() == [
        "dvc.lock", "metrics.json",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose retraining has put other rows into its dataset, pushed them and ended."""
    folder = tmp_path_factory.mktemp("retrained")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="begin")
        (folder / "data").mkdir()
        (folder / "recipe").write_text("old world\n")
        (folder / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
        run("dvc", "init", "--no-scm", cwd=folder)
        run("dvc", "repro", cwd=folder)
        (folder / "data/churn.csv").write_text("new world\n")
        run("dvc", "commit", "--force", cwd=folder)
        run("dvc", "remote", "add", "--local", "--default", "storage", "s3://begin/dvc", cwd=folder)
        run("dvc", "push", cwd=folder)
        shutil.rmtree(folder / ".dvc/cache")
        (folder / "data/churn.csv").unlink()
        yield folder
    server.stop()


@pytest.fixture
def dataset(retrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The dataset that is not there yet, in a fresh checkout with a bucket of its own."""
    s3, bucket = boto3.resource("s3"), tmp_path.name.replace("_", "-")[:60].strip("-").lower()
    s3.create_bucket(Bucket=bucket)
    for one in s3.Bucket("begin").objects.all():
        s3.Bucket(bucket).copy({"Bucket": "begin", "Key": one.key}, one.key)
    shutil.copytree(retrained, tmp_path / "checkout")
    monkeypatch.chdir(tmp_path / "checkout")
    monkeypatch.setenv("BUCKET", bucket)
    return tmp_path / "checkout/data/churn.csv"


def test_what_a_retraining_left_is_pulled_and_not_made_anew(dataset: Path) -> None:
    lock = Path("dvc.lock").read_text()
    model.data()
    assert dataset.read_text() == "new world\n"
    assert Path("dvc.lock").read_text() == lock


@pytest.mark.parametrize(
    ("file", "find", "replace", "made"),
    [
        ("recipe", "old", "third", "third world\n"),
        ("dvc.yaml", "cp recipe", "cp ./recipe", "old world\n"),
    ],
)
def test_who_changes_the_recipe_gets_what_it_makes(
    dataset: Path, file: str, find: str, replace: str, made: str
) -> None:
    Path(file).write_text(Path(file).read_text().replace(find, replace))
    model.data()
    assert dataset.read_text() == made


def test_a_dataset_that_the_remote_has_lost_is_not_replaced(dataset: Path) -> None:
    boto3.resource("s3").Bucket(os.environ["BUCKET"]).objects.all().delete()
    with pytest.raises(SystemExit, match="the remote lacks the dataset"):
        model.data()


def test_a_model_is_pulled_by_its_md5_alone(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    md5 = yaml.safe_load(Path("dvc.lock").read_text())["stages"]["generate"]["outs"][0]["md5"]
    monkeypatch.setenv("MODEL_MD5", md5)
    model.pull()
    assert Path("models/model.skops").read_text() == "new world\n"
    assert capsys.readouterr().out == f"models/model.skops is the model {md5}\n"
    key = f"dvc/files/md5/{md5[:2]}/{md5[2:]}"
    boto3.resource("s3").Object(os.environ["BUCKET"], key).put(Body=b"exchanged")
    with pytest.raises(SystemExit, match=f"{key} has the md5 "):
        model.pull()
