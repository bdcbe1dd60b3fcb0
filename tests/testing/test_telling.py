"""A run of the tests that fails, hangs or is cut off says where."""

import re
import signal
import subprocess

import pytest

from conftest import Mini, Started
from mlops_lab.core.waiting import LIMIT

TESTS = """
import threading
import pytest


@pytest.fixture
def endless():
    yield
    threading.Event().wait()


def test_that_fails():
    assert "one" == "another"


def test_that_hangs():
    threading.Event().wait()


def test_whose_end_hangs(endless):
    assert "one" == "another"
"""
FAILED = "call of tests/test_it.py::test_that_fails failed:"
ENDLESS = "tests/test_it.py::test_whose_end_hangs"
HANGS = "tests/test_it.py::test_that_hangs"


def begun(mini: Mini, *options: str) -> subprocess.Popen[str]:
    """A run of such tests, of which the first has failed."""
    (mini.root / "tests/test_it.py").write_text(TESTS)
    return mini.start("test", "--", "tests/test_it.py", *options)


def read_to(process: subprocess.Popen[str], end: str) -> None:
    """Read what it says up to these words; it says them without the end of a line."""
    assert process.stdout
    said = ""
    while not said.endswith(end):
        said += (letter := process.stdout.read(1))
        assert letter, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_failure_is_told_at_once_and_an_interrupt_names_what_ran(
    mini: Mini, number: signal.Signals, workers: str
) -> None:
    with begun(mini, "-v", "-n", workers) as process:
        read_to(process, f"{FAILED}\n")
        read_to(process, HANGS)
        process.send_signal(number)
        told, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + number
    assert "assert 'one' == 'another'" in told
    assert re.search(rf"^{HANGS} was running for \d+ s$", told, re.M)
    assert "FAILED tests/test_it.py::test_that_fails" in told
    assert mini.none_left()


def test_a_test_that_hangs_is_named(mini: Mini) -> None:
    with begun(mini, "-n", "1", "-o", "timeout=1") as process:
        told, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    assert f"FAILED {HANGS} - Failed: Timeout (>1.0s)" in told
    assert f"ERROR {ENDLESS} - Failed: Timeout" in told


def test_what_a_test_that_fails_has_started_is_not_waited_for() -> None:
    with pytest.raises(ZeroDivisionError), Started(["sleep", "infinity"]) as process:
        _ = 1 / 0
    assert process.returncode == -signal.SIGKILL
