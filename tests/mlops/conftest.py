"""A git server, and programs that say what they are told to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import run

DIGEST = f"registry.example.com/mlops/churn@sha256:{'0123456789abcdef' * 4}"
# What MLflow 3.17.2 warns of itself: how it uses SQLAlchemy, and its type hints.
MLFLOW_S_OWN = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType:UserWarning"),
]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy; our programs."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


def git(folder: Path | str, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    return run("git", *who, "-C", folder, *arguments).stdout.strip()


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A bare repository with one commit on main."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "begin")
    (tmp_path / "begin/README").write_text("begin\n")
    git("begin", "add", "README")
    git("begin", "commit", "--quiet", "--message", "begin")
    git(tmp_path, "clone", "--quiet", "--bare", "begin", "server.git")
    return tmp_path / "server.git"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program on PATH that records its arguments and says what it is told to say."""

    def put(name: str, says: str = "", status: int = 0) -> Path:
        folder, record = tmp_path / "programs", tmp_path / f"{name}.calls"
        folder.mkdir(exist_ok=True)
        script = folder / name
        script.write_text(f"#!/bin/sh\necho \"$PWD: $*\" >>'{record}'\n{says}\nexit {status}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return record

    return put
