"""Waiting ends, and says why it did not end well."""

import runpy
import subprocess
import sys
import tomllib
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import pytest

from conftest import ROOT, Mini
from mlops_lab.core import waiting
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT, TEST_LIMIT, until
from mlops_lab.testing import judging
from mlops_lab.testing.suite import NBVAL


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE", 0)


def test_it_looks_until_it_is_ready() -> None:
    looks = iter([False, False, True])
    until("etcd", lambda: next(looks))
    assert list(looks) == []


def test_what_is_ready_need_not_be_alive() -> None:
    until("etcd", lambda: True, alive=lambda: False)


def test_a_death_has_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_text("listening\nbind: address already in use\n")
    with pytest.raises(LabError, match=r"(?s)^etcd died\n.*etcd\.log.*already in use$"):
        until("etcd", lambda: False, log, lambda: False)


def test_the_limit_is_in_the_message(monkeypatch) -> None:
    monkeypatch.setattr(waiting, "LIMIT", 0)
    with pytest.raises(LabError, match=r"^etcd not ready within 0 s$"):
        until("etcd", lambda: False)


def test_what_comes_at_the_last_moment_has_come(monkeypatch) -> None:
    monkeypatch.setattr(waiting, "LIMIT", 0)
    looks = iter([False, True, True])
    until("etcd", lambda: next(looks))


def test_limits_that_stand_elsewhere_are_these() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    options = project["tool"]["pytest"]["ini_options"]
    assert options["timeout"] == TEST_LIMIT < options["faulthandler_timeout"]
    receiver = ROOT / "kind-cluster/platform/lab-services/receiver.py"
    assert runpy.run_path(str(receiver))["PATIENCE"] == LIMIT


def test_nbval_waits_as_long_and_notices_a_dead_kernel(mini: Mini) -> None:
    path = mini.lab("01-one", "import os\nos.kill(os.getpid(), 9)", "print('after')")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *NBVAL, str(path)],
        cwd=mini.root,
        env=mini.env(),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the kernel died" in done.stdout
    assert "1 passed" in done.stdout


def test_a_shell_message_has_all_the_time_there_is(monkeypatch) -> None:
    clock = [0.0]

    class Kernel:
        class km:
            @staticmethod
            def is_alive() -> bool:
                return clock[0] < 100

    def get(kernel: object, stream: str, timeout: float) -> None:
        clock[0] += timeout
        raise Empty

    monkeypatch.setattr(judging, "_get_message", get)
    monkeypatch.setattr(judging, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    # nbval asks for 10 s; this kernel is waited for until it dies.
    with pytest.raises(RuntimeError, match="the kernel died"):
        judging.patient(Kernel, "shell", timeout=10)
