"""No process outlives the one that started it, not even after `kill -9`.

Every process that a lab starts inherits `LAB_OWNERS`, a list of owner names. A `Guard` is a small
companion process that waits for its parent's end of a pipe to close, which the kernel does however
the parent dies, and then kills whatever still carries the owner's name. Unlike
``PR_SET_PDEATHSIG`` this reaches grandchildren, and works on macOS too.
"""

import contextlib
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import until

VARIABLE = "LAB_OWNERS"
# PF_FORKNOEXEC of Linux' include/linux/sched.h: forked, but has not called exec.
FORKNOEXEC = 0x40
LIVING = 1.0  # seconds that a parent which lives waits for its guard at most


def owned_by(owner: str, environ: dict[str, str]) -> dict[str, str]:
    """`environ` with `owner` added to the owners, for a process about to be started."""
    owners = [name for name in environ.get(VARIABLE, "").split(":") if name]
    return {**environ, VARIABLE: ":".join(dict.fromkeys([*owners, owner]))}


def processes(owner: str) -> list[psutil.Process]:
    """Every live process of `owner` but this one."""
    found = []
    for process in psutil.process_iter():
        try:
            owners = process.environ().get(VARIABLE, "").split(":")
            if owner in owners and process.pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def sweep(owner: str) -> None:
    """Kill every process of `owner`, again until none is left: a dying one may still fork."""
    # Not psutil.wait_procs: it also waits for zombies, which init may take a second to reap.
    until(f"the end of {owner}", lambda: not _kill(processes(owner)), limit=math.inf)


def _kill(found: list[psutil.Process]) -> bool:
    """Whether there was any to kill."""
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return bool(found)


class Guard:
    """Watches this process for `owner`; `close` sweeps at once instead of at the end."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        # Who we are goes along: of a process that dies, the guard could not read it any more.
        us = [str(os.getpid()), _command(os.getpid()).hex()]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "import mlops_lab.core.guard as g; g.watch()", owner, *us],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Let the guard sweep, and wait until it has."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def watch() -> None:
    """The companion's whole life: wait for the end of standard input, then sweep."""
    owner, parent, command = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
    sys.stdin.buffer.read()
    sweep(owner)
    # A child that has only just been forked shows no owner until it runs its own program. One that
    # lives and is forked for good may be a notebook's own, so that who lives is not kept waiting.
    with contextlib.suppress(LabError):
        limit = LIVING if os.getppid() == parent else None
        until("the last children", lambda: not _forked(command), limit=limit)
    # Linux alone tells of it, and takes a moment over the change.
    time.sleep(0.2)
    sweep(owner)


def _forked(command: bytes) -> bool:
    """Whether a process of this command line has been forked and runs no program of its own yet."""
    return any(
        _flags(process.pid) & FORKNOEXEC and _command(process.pid) == command
        for process in psutil.process_iter()
        if process.pid != os.getpid()
    )


def _flags(pid: int) -> int:
    """The kernel's flags of a process: the 9th field of /proc/PID/stat; 0 where there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[6])


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
