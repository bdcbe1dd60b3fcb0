"""Groups of runs: who goes, who waits, who is cancelled."""

import math
import threading

import pytest

from mlops_lab.actions.act_process import Cancel
from mlops_lab.actions.queue import LONGEST, Group, Handle, Handles, Queue
from mlops_lab.actions.result import Run
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT

NEVER = Run("never", "push", "0", "cancelled", 0.0, (), {})


class Job:
    """A run that goes on until it is told to end, or is cancelled."""

    def __init__(self, group: Group | str = "", *locks: str) -> None:
        self.began, self.end = threading.Event(), threading.Event()
        group = Group(group) if isinstance(group, str) else group
        self.handle = Handle("ci.yml", self._work, NEVER, group, locks)

    def _work(self, cancel: Cancel) -> Run:
        self.began.set()
        while not self.end.wait(0.01) and not cancel.asked:
            pass
        status = "cancelled" if cancel.asked else "success"
        return Run("ci", "push", "1", status, 0.0, (), {})

    def finish(self) -> Run:
        self.end.set()
        return self.handle.wait(LIMIT)


@pytest.fixture
def queue():
    queue = Queue()
    yield queue
    queue.close()


def add(queue: Queue, *jobs: Job) -> None:
    for job in jobs:
        queue.add(job.handle)


def states(*jobs: Job) -> list[str]:
    return [job.handle.state for job in jobs]


def test_without_a_group_runs_go_side_by_side(queue: Queue) -> None:
    one, two = Job(), Job()
    add(queue, one, two)
    assert one.began.wait(LIMIT)
    assert two.began.wait(LIMIT)
    assert two.finish().status == "success"
    assert states(one, two) == ["in progress", "completed"]
    one.finish()


def test_of_a_group_one_goes_and_one_waits(queue: Queue) -> None:
    one, two, other = Job("training"), Job("TRAINING"), Job("other")
    add(queue, one, two, other)
    assert states(one, two, other) == ["in progress", "waiting", "in progress"]
    assert repr(two.handle) == "<ci.yml: waiting>"
    one.finish()
    assert two.began.wait(LIMIT)
    assert one.handle.started < two.handle.started
    assert two.finish().status == "success"
    assert repr(two.handle) == "<ci.yml: completed, success>"


def test_a_newer_one_takes_the_place_of_the_one_that_waits(queue: Queue) -> None:
    one, two, three = Job("training"), Job("training"), Job("training")
    add(queue, one, two, three)
    assert two.handle.wait(LIMIT) is NEVER
    assert not two.began.is_set()
    assert states(one, two, three) == ["in progress", "completed", "waiting"]
    assert one.finish().status == "success"
    assert three.finish().status == "success"


def test_all_wait_if_the_queue_is_to_keep_them(queue: Queue) -> None:
    jobs = [Job(Group("training", keeps_all=True)) for _ in range(LONGEST + 2)]
    add(queue, *jobs)
    # One runs, a hundred wait, and the oldest that waited had to go.
    assert states(*jobs[:3]) == ["in progress", "completed", "waiting"]
    assert states(*jobs).count("waiting") == LONGEST


def test_the_one_in_progress_is_cancelled_if_asked_for(queue: Queue) -> None:
    one, two = Job("ci-main"), Job(Group("ci-main", cancels=True))
    add(queue, one, two)
    assert one.handle.wait(LIMIT).status == "cancelled"
    assert two.began.wait(LIMIT)
    assert two.finish().status == "success"


def test_jobs_of_one_group_keep_their_runs_apart_but_replace_nobody(queue: Queue) -> None:
    one, two, three = (Job(f"ci-{number}", "rollout") for number in range(3))
    add(queue, one, two, three)
    assert states(one, two, three) == ["in progress", "waiting", "waiting"]
    one.finish()
    assert two.began.wait(LIMIT)
    two.finish()
    assert three.finish().status == "success"


def test_closing_ends_everything(queue: Queue) -> None:
    one, two = Job("x"), Job("x")
    add(queue, one, two)
    queue.close()
    assert states(one, two) == ["completed", "completed"]
    assert Handles([one.handle, two.handle]).wait()[1] is NEVER


def test_what_went_wrong_is_told_to_who_waits(queue: Queue) -> None:
    def broken(cancel: Cancel) -> Run:
        raise LabError("no act here")

    handle = Handle("ci.yml", broken, NEVER, Group("x"))
    queue.add(handle)
    with pytest.raises(LabError, match="no act here"):
        handle.wait(LIMIT)
    after = Job("x")
    add(queue, after)
    assert after.finish().status == "success"


def test_waiting_can_be_limited(queue: Queue) -> None:
    job = Job()
    add(queue, job)
    with pytest.raises(LabError, match=r"ci\.yml is still in progress after 0\.01 s"):
        job.handle.wait(0.01)


def test_a_handle_knows_when_its_run_began_and_ended(queue: Queue) -> None:
    one, two = Job("training"), Job("training")
    add(queue, one, two)
    assert one.handle.began < math.inf
    assert one.handle.ended == two.handle.began == math.inf
    one.finish()
    assert two.began.wait(LIMIT)
    two.finish()
    assert one.handle.began < one.handle.ended <= two.handle.began < two.handle.ended
