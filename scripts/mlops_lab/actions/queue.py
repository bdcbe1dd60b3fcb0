"""Runs that wait for one another: what GitHub calls ``concurrency``.

Of the runs of one group one is in progress. A newer one waits, and takes the place of an older one
that waits, which is cancelled; with ``queue: max`` up to 100 wait, and with ``cancel-in-progress``
the one in progress is cancelled too. Names of groups are the same in upper and lower case
(https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency).

The group of a single job is honored more strictly than on GitHub, since act runs a workflow in one
go: a run waits until no other has a job of that group, and is not replaced.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_lab.actions.act_process import Cancel
from mlops_lab.actions.result import Run, StepResult
from mlops_lab.actions.workflow import Workflow
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT

# Runs that wait with `queue: max`. Of one more GitHub says nothing; here the oldest goes.
LONGEST = 100


@dataclass(frozen=True)
class Group:
    """What the setting `concurrency` of a run says, evaluated."""

    name: str = ""
    cancels: bool = False
    keeps_all: bool = False


@dataclass(frozen=True)
class About:
    """What is known of a run before it begins: of which workflow, by which event, on what."""

    id: str = ""
    number: int = 0
    workflow: Workflow | None = None
    event: str = ""
    branch: str = ""
    sha: str = ""
    message: str = ""
    created: datetime = datetime.min


class Handle:
    """A run on its way. Show it to see its state; `wait` for the result.

    Attributes:
        workflow: the file's name.
        about: what else is known of it.
        steps: those that have ended, in the order in which they did.
        state: ``waiting``, ``in progress`` or ``completed``.
        began, ended: when, by a clock that only counts; infinite if it has not yet.
        started: when, by the time of day; when it came, if it has not yet.
    """

    def __init__(
        self,
        workflow: str,
        work: Callable[[Cancel], Run],
        never_began: Run,
        group: Group,
        jobs: Iterable[str] = (),
        about: About = About(),
    ) -> None:
        self.workflow = workflow
        self.about = about
        self.steps: list[StepResult] = []
        self.state = "waiting"
        self.began = self.ended = math.inf
        self.started = about.created
        self.cancel = Cancel()
        self._group = group
        self._locks = {name.casefold() for name in jobs}
        self._work = work
        self._result: Run | BaseException = never_began
        self._done = threading.Event()

    def wait(self, timeout: float | None = None) -> Run:
        """The result, once there is one.

        Raises:
            LabError: the run could not begin, or there was none within `timeout` seconds.
        """
        if not self._done.wait(timeout):
            raise LabError(f"{self.workflow} is still {self.state} after {timeout:g} s")
        if isinstance(self._result, BaseException):
            raise self._result
        return self._result

    @property
    def run(self) -> Run | None:
        """The result, if there is one by now."""
        return self._result if self._done.is_set() and isinstance(self._result, Run) else None

    def join(self, timeout: float | None = None) -> None:
        """Return when it has ended, however it did, or after `timeout` seconds."""
        self._done.wait(timeout)

    def _run(self) -> None:
        try:
            self._result = self._work(self.cancel)
        except BaseException as error:  # told to whoever waits
            self._result = error

    def _complete(self) -> None:
        self.state, self.ended = "completed", time.monotonic()
        self._done.set()

    def __repr__(self) -> str:
        what = ""
        if self.state == "completed":
            what = ", " + (self._result.status if isinstance(self._result, Run) else "failure")
        return f"<{self.workflow}: {self.state}{what}>"


class Handles(list[Handle]):
    """The runs that one event has started."""

    def wait(self, timeout: float | None = None) -> list[Run]:
        """The result of each; raises like `Handle.wait`."""
        return [handle.wait(timeout) for handle in self]


class Queue:
    """Starts each run in a thread of its own as soon as its groups let it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: list[Handle] = []
        self._running: list[Handle] = []

    def add(self, handle: Handle) -> None:
        """Start the run, or let it wait."""
        with self._lock:
            same = handle._group.name.casefold()
            if same:
                self._make_way(handle._group, same)
            self._waiting.append(handle)
            self._begin()

    def close(self) -> None:
        """Cancel all that wait or run, and return when these have ended."""
        with self._lock:
            for waiting in self._waiting:
                waiting._complete()
            self._waiting.clear()
            running = list(self._running)
        for handle in running:
            handle.cancel()
        for handle in running:
            handle.join(LIMIT)

    def _make_way(self, group: Group, same: str) -> None:
        older = [other for other in self._waiting if other._group.name.casefold() == same]
        too_many = max(0, len(older) + 1 - LONGEST) if group.keeps_all else len(older)
        for other in older[:too_many]:
            self._waiting.remove(other)
            other._complete()
        if group.cancels:
            for other in self._running:
                if other._group.name.casefold() == same:
                    other.cancel()

    def _begin(self) -> None:
        """Start what may start, in the order of arrival."""
        for handle in list(self._waiting):
            if not any(_conflict(handle, other) for other in self._running):
                self._waiting.remove(handle)
                self._running.append(handle)
                handle.state, handle.began = "in progress", time.monotonic()
                handle.started = datetime.now(UTC)
                threading.Thread(target=self._work, args=(handle,), daemon=True).start()

    def _work(self, handle: Handle) -> None:
        handle._run()
        with self._lock:
            self._running.remove(handle)
            handle._complete()
            self._begin()


def _conflict(one: Handle, other: Handle) -> bool:
    same = one._group.name.casefold() == other._group.name.casefold() != ""
    return same or bool(one._locks & other._locks)
