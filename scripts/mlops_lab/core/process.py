"""How other programs are called: when one fails, its own words are in the message."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlops_lab.core.errors import LabError

# Of a long output the end is shown: there programs say why they stop.
SHOWN = 4000


def run(
    *command: str | Path,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    told: str = "",
    pass_fds: Sequence[int] = (),
) -> str:
    """Run a program, with `env` added to this environment, and return what it printed.

    Raises:
        LabError: it cannot be started, or fails; the message has command, status and output.
    """
    done = attempt(*command, folder=folder, env=env, told=told, pass_fds=pass_fds)
    if done.returncode:
        raise failure(done)
    return done.stdout


def attempt(
    *command: str | Path,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    told: str = "",
    pass_fds: Sequence[int] = (),
    limit: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program whose failure is an answer.

    Raises:
        LabError: it cannot be started, or has not ended after `limit` seconds.
    """
    words = [str(word) for word in command]
    try:
        return subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **(env or {})},
            input=told,
            pass_fds=pass_fds,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
        )
    except OSError as error:
        raise LabError(f"{shlex.join(words)}: {error}") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{shlex.join(words)}: no end within {error.timeout:g} s") from error


def failure(done: subprocess.CompletedProcess[str]) -> LabError:
    """Say which command failed, how, and what it said."""
    said = (done.stdout + done.stderr).strip()[-SHOWN:] or "it said nothing"
    return LabError(f"{shlex.join(done.args)}: exit status {done.returncode}\n{said}")
