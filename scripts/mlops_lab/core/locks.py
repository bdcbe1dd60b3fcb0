"""Locks that a dead process cannot keep: the operating system lets go of them."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mlops_lab.core.errors import Busy, LabError
from mlops_lab.core.ownership import claim
from mlops_lab.core.waiting import PAUSE

# Seconds to try for a lock: who only looks whether it is held has it for a moment.
GLANCE = 1.0


def _lock(file: IO[str], how: int) -> None:
    """Lock the file.

    Raises:
        BlockingIOError: somebody else has it.
        LabError: there are no locks here, as on some network file systems.
    """
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        raise
    except OSError as error:
        raise LabError(
            f"{file.name} cannot be locked ({error.strerror}): its file system has no locks; "
            "use a checkout and a cache (LAB_CACHE) on a local disk"
        ) from error


def take(path: Path) -> IO[str] | None:
    """Lock `path` and return the open file that holds the lock, or None if it is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        _lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except LabError:
        file.close()
        raise
    return file


def is_held(path: Path) -> bool:
    """Whether a live process holds the lock. Those who look are in nobody's way but a taker's."""
    try:
        with path.open(encoding="utf-8") as file:
            _lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def wait_for(path: Path) -> None:
    """Return when no process holds the lock: when the one that does lets go of it, or dies."""
    with path.open("a+", encoding="utf-8") as file:
        _lock(file, fcntl.LOCK_EX)


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold the lock for the body, in which something is made in the checkout.

    Raises:
        Busy: somebody else does; the message says who and since when.
        LabError: somebody else has worked in this user's checkout.
    """
    claim()
    deadline = time.monotonic() + GLANCE
    while (file := take(path)) is None and time.monotonic() < deadline:
        time.sleep(PAUSE)
    if file is None:
        try:
            holder = json.loads(path.read_text(encoding="utf-8"))
            who = f"process {holder['pid']}, since {holder['since']}"
        except (OSError, ValueError, KeyError):
            who = "a process that has just started"
        raise Busy(f"{what} is already going on in this checkout ({who}); try again when it ends")
    with file:
        file.truncate(0)
        json.dump({"pid": os.getpid(), "since": time.strftime("%H:%M:%S")}, file)
        file.flush()
        yield
