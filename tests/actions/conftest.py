"""Repositories with workflows, and the servers that runs talk to."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import run
from mlops_lab.actions import oidc

Make = Callable[..., Path]


def git(folder: Path, *arguments: str) -> str:
    """Git as somebody who has a name."""
    who = ("-c", "user.name=Lab", "-c", "user.email=lab@localhost")
    return run("git", *who, "-C", folder, *arguments).stdout.strip()


def commit(folder: Path, files: dict[str, str], message: str = "Change") -> str:
    """Write and commit files; the commit's hash."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message, "--cleanup=verbatim")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a repository of workflows, given by file name without its ending."""

    def repository(folder: str = "repository", **workflows: str) -> Path:
        path = tmp_path / folder
        path.mkdir()
        git(path, "init", "--quiet", "-b", "main")
        commit(path, {f".github/workflows/{n}.yml": text for n, text in workflows.items()})
        return path

    return repository


@pytest.fixture
def issuer() -> Iterator[str]:
    """The URL of a running issuer."""
    server = oidc.serve(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
