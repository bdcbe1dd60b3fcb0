"""Folders outside of the checkout, for as long as a process runs.

Paths of Unix sockets must be short, and what runs in a clone must not find the checkout's own
settings above it.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import psutil

from mlops_lab.core.paths import ROOT

# Named after the checkout, so that its next run finds what was left.
PREFIX = f"mlops-lab-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}-"


def prefix() -> str:
    """How such folders of this process begin."""
    return f"{PREFIX}{os.getpid()}-"


def folder() -> Path:
    """A new folder, which only this user can read."""
    return Path(tempfile.mkdtemp(prefix=prefix()))


def remove_stale() -> None:
    """Remove what processes left that were killed; a service mostly is."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid, _, _ = left.name.removeprefix(PREFIX).partition("-")
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
