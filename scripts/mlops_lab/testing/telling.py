"""A plugin for pytest: a failure is told when it happens, and an interrupted run says what it ran.

pytest itself tells both at its end, which a run that hangs or is cut off does not reach.
"""

import signal
import time
from collections.abc import Iterable
from types import FrameType
from typing import NoReturn

import pytest
import pytest_timeout

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHOWN = 40  # lines of a failure; all of them come at the end


class Teller:
    """Knows what runs, in whichever worker."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal
        self._running: dict[str, float] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """It runs from now on."""
        self._running[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """It runs no more."""
        self._running.pop(nodeid, None)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell a failure at once."""
        if report.failed:
            lines = report.longreprtext.splitlines()
            self._tell([f"{report.when} of {report.nodeid} failed:", *lines[-SHOWN:]])

    def pytest_keyboard_interrupt(self) -> None:
        """Tell which tests were running, and for how long."""
        now = time.monotonic()
        self._tell(f"{name} was running for {now - at:.0f} s" for name, at in self._running.items())

    def _tell(self, lines: Iterable[str]) -> None:
        for line in ["", *lines]:  # the first ends the line of dots
            self._terminal.write_line(line)
        self._terminal.flush()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """One process tells: the one that people started, not its workers."""
    if hasattr(session.config, "workerinput"):
        return
    plugins = session.config.pluginmanager
    plugins.register(Teller(plugins.getplugin("terminalreporter")), "lab-teller")
    for number in SIGNALS:
        signal.signal(number, _interrupt)


@pytest.hookimpl(trylast=True)
def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> None:
    """Go on counting: pytest-timeout 2.4.0 stops where a test fails, and then its end may hang.

    https://github.com/pytest-dev/pytest-timeout/issues/196
    """
    if isinstance(node, pytest.Item):
        limits = pytest_timeout._get_item_settings(node)
        if limits.timeout:
            pytest_timeout.pytest_timeout_set_timer(node, limits)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """End once: Ctrl-C reaches pytest from the terminal and from `lab` too."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
