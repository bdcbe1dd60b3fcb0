"""Publish commits to a branch that others push to as well."""

import os
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from delivery.shell import call

TRIES = 5


def credentials() -> list[str]:
    """Options that let git authenticate with the token in GIT_TOKEN; nothing is written to disk.

    The configuration goes through the environment, so that no list of processes shows the token.
    """
    if token := os.environ.get("GIT_TOKEN"):
        header = f"Authorization: Basic {b64encode(f'x-access-token:{token}'.encode()).decode()}"
        os.environ |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": header,
        }
    return ["git", "-c", "user.name=churn-bot", "-c", "user.email=churn-bot@localhost"]


def clone(url: str, folder: Path) -> None:
    """Get the branch main of `url` into `folder`."""
    call(*credentials(), "clone", "--quiet", "--branch", "main", url, folder)


def latest() -> None:
    """Bring a checkout of main up to what main is now."""
    call(*credentials(), "pull", "--quiet", "--ff-only", "origin", "main")
    print("at", call("git", "rev-parse", "--short", "HEAD"))


def commit(folder: Path, message: str, paths: list[str]) -> bool:
    """Commit the paths, and no others; False if they have not changed."""
    git = [*credentials(), "-C", str(folder)]
    call(*git, "add", "--", *paths)
    if not call(*git, "diff", "--cached", "--name-only"):
        print("nothing has changed")
        return False
    call(*git, "commit", "--quiet", "--message", message)
    return True


def publish(folder: Path, message: str, paths: list[str]) -> str:
    """Commit the paths and push; return the commit that main then has.

    If somebody else was quicker, the commit is put on top of theirs.
    """
    git = [*credentials(), "-C", str(folder)]
    if commit(folder, message, paths):
        _push(git, "--rebase", "--autostash")
    return call(*git, "rev-parse", "HEAD")


def join(folder: Path) -> None:
    """Bring the commit of this checkout to main as it is.

    If somebody else was quicker, main gets a merge of both, made beside this checkout: a commit
    that something was built from keeps its hash, and what it holds is what was tested.
    """
    git = [*credentials(), "-C", str(folder)]
    with TemporaryDirectory() as place:
        call(*git, "worktree", "add", "--quiet", "--detach", place)
        _push([*credentials(), "-C", place], "--no-rebase", "--no-edit")
    call(*git, "worktree", "prune")


def _push(git: list[str], *how: str) -> None:
    """Push to main. One that came second pulls and tries again, up to TRIES times in all.

    Nothing is ever forced, and no other refusal is tried again.
    """
    for attempt in range(1, TRIES + 1):
        try:
            call(*git, "push", "--quiet", "origin", "HEAD:refs/heads/main")
            return
        except SystemExit as refused:
            if attempt == TRIES or not _is_behind(str(refused)):
                raise
        print(f"somebody pushed first; attempt {attempt + 1} on the new head")
        call(*git, "pull", "--quiet", *how, "origin", "main")


def _is_behind(message: str) -> bool:
    return any(word in message for word in ("fetch first", "non-fast-forward", "cannot lock ref"))


if __name__ == "__main__":
    latest()
