"""What every step does: read its variables, call programs, tell later steps what came of it."""

import hashlib
import os
import subprocess
from pathlib import Path


def call(*command: str | Path, folder: Path | None = None) -> str:
    """Run a command and return what it printed; its error ends the step, with the message."""
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)
    if done.returncode:
        told = (done.stdout + done.stderr).strip()[-2000:]
        raise SystemExit(f"{' '.join(map(str, command))} failed ({done.returncode}): {told}")
    return done.stdout.strip()


def need(name: str) -> str:
    """The environment variable that the workflow sets; says so if it does not."""
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} is not set: the workflow gives it to this step")
    return value


def output(**values: object) -> None:
    """Show values, and make them outputs of the step, which later ones read.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

    Raises:
        ValueError: a value has more than one line, and would write outputs of its own.
    """
    texts = {name: _text(value) for name, value in values.items()}
    for name, text in texts.items():
        if len(text.splitlines()) > 1:
            raise ValueError(f"the output {name} must be one line: {text!r}")
    for name, text in texts.items():
        print(f"{name}: {text}")
    if path := os.environ.get("GITHUB_OUTPUT"):
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(f"{name}={text}\n" for name, text in texts.items())


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def md5_of(path: Path) -> str:
    """The hash that DVC and S3 know a file by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
