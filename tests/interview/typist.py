"""A person at a terminal: types keys, and sees what the program has written to it."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mlops_lab.core.waiting import LIMIT

# Makes the terminal the program's own, so that Ctrl-C in it is a signal to the program.
LEADER = """
import fcntl, os, sys, termios
terminal = os.open(sys.argv[1], os.O_RDWR)
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
for number in (0, 1, 2): os.dup2(terminal, number)
os.execv(sys.argv[2], sys.argv[2:])
"""
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CLEAR = "\x1b[2J"


class Typist:
    """Both ends of the terminal are open here, so that its state can be looked at."""

    def __init__(self, process: "subprocess.Popen[bytes]", ours: int, theirs: int) -> None:
        self.process = process
        self.ours = ours
        self.theirs = theirs
        self.written = ""

    def types(self, keys: str) -> None:
        """Press keys."""
        os.write(self.ours, keys.encode())

    def sees(self, *wanted: str) -> str:
        """Wait until all of it was written since the last time; returns what was."""
        deadline = time.monotonic() + LIMIT
        while not all(text in CONTROL.sub("", self.written) for text in wanted):
            assert time.monotonic() < deadline, f"{wanted} in {self.written!r}"
            assert self._reads(LIMIT), f"it ended; {wanted} in {self.written!r}"
        seen, self.written = self.written, ""
        return seen

    def ends(self, status: int) -> None:
        """Wait for the program's end, with this exit status. What it wrote stays in `written`."""
        while self.process.poll() is None:
            self._reads(0.05)
        while self._reads(0):
            pass
        assert self.process.returncode == status, self.written

    def _reads(self, limit: float) -> bool:
        if not select.select([self.ours], [], [], limit)[0]:
            return False
        data = os.read(self.ours, 65536)
        self.written += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


def screen(written: str) -> list[str]:
    """The lines that are on the screen since it was cleared last."""
    return CONTROL.sub("", written.rpartition(CLEAR)[2]).split("\n")


@contextmanager
def at_terminal(
    *arguments: str, env: dict[str, str], columns: int = 80, rows: int = 24
) -> Iterator[Typist]:
    """`lab` with these arguments at a terminal of this size."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-c", LEADER, os.ttyname(theirs)]
    program = [sys.executable, "-m", "mlops_lab", *arguments]
    process = subprocess.Popen(
        [*command, *program], env={"TERM": "xterm-256color", **env}, start_new_session=True
    )
    try:
        yield Typist(process, ours, theirs)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
