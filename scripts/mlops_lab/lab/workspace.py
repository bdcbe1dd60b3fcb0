"""A folder of its own for each running lab, whichever way it was started."""

import contextlib
import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mlops_lab.core.locks import take
from mlops_lab.core.paths import LOGS, OWN, WORK

# Before a workspace's name: what the lab calls everything that it makes elsewhere.
PREFIX = "churn-"
KEPT = 3  # logs of cells


@dataclass
class Workspace:
    """A lab's folder and the number that keeps two runs of one lab apart.

    The first run of ``02-dvc-s3`` is named just that, so that names are the same from day to day;
    a second one at the same time is ``02-dvc-s3-2``.
    """

    name: str
    folder: Path
    _lock: IO[str]

    def release(self) -> None:
        """Remove what is left and let the next run have the name."""
        # A full disk must not keep the folder, which may be what fills it.
        with contextlib.suppress(OSError):
            self._keep_logs()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(OWN / self.name, ignore_errors=True)
        self._lock.close()

    def _keep_logs(self) -> None:
        """Copy the last logs that cells wrote: a failed cell's reason may be in one."""
        written = [*self.folder.glob("*.log"), *self.folder.glob("*/*.log")]
        LOGS.mkdir(parents=True, exist_ok=True)
        for log in sorted(written, key=lambda log: log.stat().st_mtime)[-KEPT:]:
            shutil.copy2(log, LOGS / f"{self.name}.cell-{log.name}")


def claim(stem: str) -> Workspace:
    """The first free workspace of the lab, emptied of what an earlier run left."""
    for number in itertools.count(1):
        name = stem if number == 1 else f"{stem}-{number}"
        lock = take(WORK / f"{name}.lock")
        if lock:
            folder = WORK / name
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            return Workspace(name, folder, lock)
    raise AssertionError("unreachable")


def remove_leftovers(forget: Callable[[str], None]) -> None:
    """Remove the folders of runs that were killed; `forget` gets what each called its things."""
    for folder in WORK.glob("*/"):
        if lock := take(WORK / f"{folder.name}.lock"):
            with lock:
                shutil.rmtree(folder, ignore_errors=True)
                forget(PREFIX + folder.name)
