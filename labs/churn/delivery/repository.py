"""Publish commits to a branch that others push to as well."""

import os
from base64 import b64encode
from pathlib import Path

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


def publish(folder: Path, message: str, paths: list[str]) -> str:
    """Commit the paths and push; return the commit that main then has.

    A push that is refused because somebody else was quicker is tried again on the new head, up to
    TRIES times; nothing is ever forced. Without a change nothing is committed.
    """
    git = [*credentials(), "-C", str(folder)]
    call(*git, "add", "--", *paths)
    if not call(*git, "diff", "--cached", "--name-only"):
        print("nothing has changed")
        return call(*git, "rev-parse", "HEAD")
    call(*git, "commit", "--quiet", "--message", message)
    for attempt in range(1, TRIES + 1):
        try:
            call(*git, "push", "--quiet", "origin", "HEAD:refs/heads/main")
            return call(*git, "rev-parse", "HEAD")
        except SystemExit as refused:
            if attempt == TRIES or not _is_behind(str(refused)):
                raise
        print(f"somebody pushed first; attempt {attempt + 1} on the new head")
        call(*git, "pull", "--quiet", "--rebase", "--autostash", "origin", "main")
    raise AssertionError("unreachable")


def _is_behind(message: str) -> bool:
    return any(word in message for word in ("fetch first", "non-fast-forward", "cannot lock ref"))


if __name__ == "__main__":
    latest()
