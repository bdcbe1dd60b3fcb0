"""Programs of wheels that are not in .venv, since few need them and they are large."""

import os
import subprocess
import sys
from pathlib import Path

from mlops_lab.core.errors import LabError
from setup import as_uv


def install(requirements: Path, folder: Path, what: str, instead: str) -> None:
    """Put the pinned wheels into a folder, from where the set-up's packages came.

    Raises:
        LabError: they cannot be had; the message says what to do instead, and what uv said.
    """
    uv = Path(sys.prefix) / "bin" / "uv"
    options = ["--no-config", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    where = ["--python", sys.executable, "--target", str(folder), "-r", str(requirements)]
    command = [str(uv), "pip", "install", *options, *where]
    env = {**os.environ, **as_uv()}
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise LabError(f"{what} cannot be had; {instead}\n{done.stdout.rstrip()}")
