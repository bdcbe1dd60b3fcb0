"""What the guard knows about processes that run no program of their own yet."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from conftest import Started
from mlops_lab.core import guard
from mlops_lab.core.waiting import until

# Takes a while to die, and has no command line meanwhile.
LARGE = """
import time
from mlops_lab.core.guard import Guard
memory = b"x" * 600 * 2**20
print(Guard("large")._process.pid, flush=True)
time.sleep(300)
"""
FORKS = """
import os, sys
if os.fork() == 0:
    print(os.getpid(), flush=True)
    sys.stdin.read(1)
    os.execvp("sleep", ["sleep", "300"])
os.wait()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux alone tells of it")
def test_who_has_been_forked_and_runs_nothing_of_its_own_is_known() -> None:
    with Started(
        [sys.executable, "-c", FORKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        child = int(parent.stdout.readline())
        command = guard._command(parent.pid)
        assert command == guard._command(child) != b""
        assert not guard._flags(parent.pid) & guard.FORKNOEXEC
        assert guard._flags(child) & guard.FORKNOEXEC
        assert guard._forked(command)
        assert not guard._forked(b"something else")
        parent.stdin.write("x")
        parent.stdin.flush()
        guard.until("sleep", lambda: not guard._forked(command))
        assert guard._command(child) == b"sleep\x00300\x00"
        os.kill(child, signal.SIGKILL)
    assert guard._flags(parent.pid) == 0
    assert guard._command(parent.pid) == b""


def test_a_guard_that_begins_while_its_parent_dies_ends_too() -> None:
    """It took kernel threads, which have no command line either, for its parent's children."""
    # While the guard starts, which takes about as long.
    for moment in (0.02, 0.04, 0.06, 0.08, 0.1):
        command = [sys.executable, "-c", LARGE]
        with Started(command, stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout
            watching = int(parent.stdout.readline())
            threading.Event().wait(moment)
            parent.kill()
        until("the guard's end", lambda pid=watching: not psutil.pid_exists(pid))
