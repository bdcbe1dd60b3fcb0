"""Calling programs, and telling later steps what came of it."""

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


def output(name: str, value: str) -> None:
    """Make `value` an output of the step, and show it."""
    if len(value.splitlines()) > 1:
        raise ValueError(f"the output {name} must be one line: {value!r}")
    print(f"{name}: {value}")
    if path := os.environ.get("GITHUB_OUTPUT"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{name}={value}\n")
