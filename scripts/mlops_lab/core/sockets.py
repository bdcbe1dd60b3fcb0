"""Folders for Unix sockets: their paths must be short, so they are not in the checkout."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from mlops_lab.core.paths import ROOT

# Named after the checkout, so that its next run finds what a killed one left.
PREFIX = f"mlops-lab-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}-"


def folder() -> Path:
    """A new folder, which only this user can read."""
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def remove_stale() -> None:
    """Remove what killed runs left; only for who holds the lock on runs."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
