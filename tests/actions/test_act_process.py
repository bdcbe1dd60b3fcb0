"""act's process ends when it should, and so does what it started."""

import contextlib
import functools
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from actions.conftest import Make
from conftest import ROOT, Started
from mlops_lab.actions import act_process
from mlops_lab.actions.act_process import Cancel, follow
from mlops_lab.core.waiting import until

SLEEP = """
on: push
jobs: {it: {runs-on: x, steps: [{run: 'echo $$ > $BEGAN; sleep 300'}]}}
"""
SCRIPT = """
import sys
from pathlib import Path
from mlops_lab.actions import act
act.run(Path(sys.argv[1]), "push", {}, env={"BEGAN": sys.argv[2]})
"""


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_steps_do_not_outlive_a_killed_lab(make: Make, tmp_path: Path) -> None:
    fifo = tmp_path / "began"
    os.mkfifo(fifo)
    env = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "TMPDIR": str(tmp_path)}
    arguments = [sys.executable, "-c", SCRIPT, str(make(it=SLEEP)), str(fifo)]
    with Started(arguments, env=env) as lab:
        step = int(fifo.read_text())
        assert not gone(step)
        lab.kill()
    until("the step's end", lambda: gone(step))


def shell(text: str, tmp_path: Path, take, cancel: Cancel | None = None) -> tuple[int, str]:
    return follow(["/bin/sh", "-c", text], tmp_path, {"A": "b"}, take, cancel or Cancel())


def test_lines_come_as_they_are_said(tmp_path: Path) -> None:
    lines: list[str] = []
    text = "echo $A; echo '{\"msg\": \"no docker\"}' >&2; echo why >&2; printf '\\377\\n'; exit 3"
    assert shell(text, tmp_path, lines.append) == (3, "why")
    assert lines == ["b\n", "\ufffd\n"]


def test_an_error_while_reading_ends_the_process(tmp_path: Path) -> None:
    def broken(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell("echo x; exec sleep 300", tmp_path, broken)


def test_cancelling_twice_or_too_late_does_no_harm(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel()
    status, _ = shell("exec sleep 300", tmp_path, print, cancel)
    assert status < 0
    cancel()


def test_two_that_begin_at_once_have_one_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second would be forgotten, and end the steps that it was made for."""
    both = threading.Barrier(2)

    @functools.cache
    def make() -> object:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.2)  # for another that is let in meanwhile
        return object()

    monkeypatch.setattr(act_process, "_first_guard", make)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: act_process._guard(), range(2))
    assert one is other
