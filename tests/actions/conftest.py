"""Repositories with workflows, and whom a role trusts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import run
from mlops_lab.actions.trust import ACTION, ISSUER
from mlops_lab.services.oidc import OWNER_ID, REPOSITORY_ID

Make = Callable[..., Path]
HOST = ISSUER.removeprefix("https://")
ARN = f"arn:aws:iam::123456789012:oidc-provider/{HOST}"
AUDIENCE = "sts.amazonaws.com"
REPOSITORY = f"repo:lab@{OWNER_ID}/churn@{REPOSITORY_ID}"
MAIN = f"{REPOSITORY}:ref:refs/heads/main"


def policy(sub: str | list[str] = MAIN, like: bool = False, **more: Any) -> dict[str, Any]:
    """A trust policy that lets one subject in."""
    condition = {"StringEquals": {f"{HOST}:aud": AUDIENCE}}
    condition.setdefault("StringLike" if like else "StringEquals", {})[f"{HOST}:sub"] = sub
    statement = {"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": ACTION}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition, **more}]}


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
