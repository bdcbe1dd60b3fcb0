"""No process outlives the one that started it, not even after `kill -9`.

Every process that a lab starts inherits `LAB_OWNERS`, a list of owner names. A `Guard` is a small
companion process that waits for its parent's end of a pipe to close, which the kernel does however
the parent dies, and then kills whatever still carries the owner's name. Unlike
``PR_SET_PDEATHSIG`` this reaches grandchildren, and works on macOS too.
"""

import os
import subprocess
import sys
import time

import psutil

VARIABLE = "LAB_OWNERS"


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
    while left := processes(owner):
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                pass
        # Not psutil.wait_procs: it also waits for zombies, which init may take a second to reap.
        time.sleep(0.01)


class Guard:
    """Watches this process for `owner`; `close` sweeps at once instead of at the end."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "import mlops_lab.guard as g; g.watch()", owner],
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
    owner = sys.argv[1]
    sys.stdin.buffer.read()
    sweep(owner)
    # A process caught between fork and exec shows no environment yet: look once more.
    time.sleep(0.2)
    sweep(owner)
