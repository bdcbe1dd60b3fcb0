"""Phases run as soon as they can, together, and end in order when one fails."""

import threading
from collections.abc import Callable
from graphlib import CycleError

import pytest

from mlops_lab.cluster import phases, platform
from mlops_lab.cluster.host.host import Host
from mlops_lab.cluster.interface import Provider
from mlops_lab.cluster.kind import Kind
from mlops_lab.cluster.phases import Outcome, Phase
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT


class Record:
    """What began and ended, in this order."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.outcomes: dict[str, Outcome] = {}

    def phase(
        self,
        name: str,
        *needs: str,
        up: Callable[[], object] = lambda: None,
        done: Callable[[], bool] = lambda: False,
    ) -> Phase:
        def work() -> None:
            up()
            self.events.append(f"{name} is up")

        return Phase(name, name.title(), needs, done, work)

    def run(self, *some: Phase) -> list[str]:
        phases.run(some, lambda phase: self.events.append(f"begin {phase.name}"), self.end)
        return self.events

    def end(self, outcome: Outcome) -> None:
        self.outcomes[outcome.phase.name] = outcome
        self.events.append(f"end {outcome.phase.name}")


@pytest.fixture
def record() -> Record:
    return Record()


def wait(event: threading.Event) -> None:
    assert event.wait(LIMIT)


def test_a_step_begins_when_what_it_needs_has_ended(record: Record) -> None:
    some = [record.phase("c", "b", "a"), record.phase("b", "a"), record.phase("a")]
    assert record.run(*some) == [
        f"{word.format(name)}" for name in "abc" for word in ("begin {}", "{} is up", "end {}")
    ]


def test_phases_that_need_each_other_are_told_and_none_begins(record: Record) -> None:
    with pytest.raises(CycleError):
        record.run(record.phase("a", "b"), record.phase("b", "a"), record.phase("c"))
    assert record.events == []


def test_independent_phases_overlap(record: Record) -> None:
    both = threading.Barrier(2, timeout=LIMIT)
    record.run(record.phase("a", up=both.wait), record.phase("b", up=both.wait))
    assert set(record.outcomes) == {"a", "b"}


def test_a_step_does_not_wait_for_what_it_does_not_need(record: Record) -> None:
    second = threading.Event()
    slow = record.phase("slow", up=lambda: wait(second))
    record.run(slow, record.phase("first"), record.phase("second", "first", up=second.set))
    assert record.events.index("second is up") < record.events.index("slow is up")


def test_what_is_done_is_not_done_again(record: Record) -> None:
    events = record.run(record.phase("a", done=lambda: True), record.phase("b", "a"))
    assert events == ["end a", "begin b", "b is up", "end b"]
    assert record.outcomes["a"].seconds is None
    assert record.outcomes["b"].seconds is not None


def test_whether_it_is_done_is_asked_when_its_turn_comes(record: Record) -> None:
    made: list[str] = []
    first = record.phase("a", up=lambda: made.append("a"))
    assert "begin b" not in record.run(first, record.phase("b", "a", done=lambda: bool(made)))


def test_a_need_that_is_not_among_the_phases_is_taken_as_met(record: Record) -> None:
    assert "end a" in record.run(record.phase("a", "elsewhere"))


def test_a_failure_comes_after_what_runs_has_ended(record: Record) -> None:
    running, failed = threading.Event(), threading.Event()

    def fail() -> None:
        wait(running)
        failed.set()
        raise LabError("no disk")

    def long() -> None:
        running.set()
        wait(failed)

    with pytest.raises(LabError, match="no disk"):
        record.run(
            record.phase("bad", up=fail),
            record.phase("long", up=long),
            record.phase("after", "bad"),
            record.phase("later", "after"),
        )
    assert "long is up" in record.events
    assert not {"end bad", "begin after", "begin later"} & set(record.events)


def test_nothing_begins_after_a_failure(record: Record, monkeypatch) -> None:
    monkeypatch.setattr(phases, "WORKERS", 1)

    def fail() -> None:
        raise LabError("no disk")

    with pytest.raises(LabError, match="no disk"):
        record.run(record.phase("bad", up=fail), record.phase("queued"))
    assert "begin queued" not in record.events


def test_a_failing_look_is_a_failure(record: Record) -> None:
    def look() -> bool:
        raise LabError("cannot look")

    with pytest.raises(LabError, match="cannot look"):
        record.run(record.phase("a", done=look), record.phase("b", "a"))
    assert record.events == []


@pytest.mark.parametrize("provider", [Kind(), Host()], ids=lambda provider: provider.name)
def test_a_provider_s_phases_can_all_be_reached(provider: Provider) -> None:
    """A name that no phase has would be taken as met, and a circle would never end."""
    every = provider.phases()
    every += platform.phases(provider.kubectl, provider.name, provider.complete)
    names = [phase.name for phase in every]
    assert len(set(names)) == len(names)
    assert {need for phase in every for need in phase.needs} <= set(names)
    reached: set[str] = set()
    while more := {s.name for s in every if s.name not in reached and set(s.needs) <= reached}:
        reached |= more
    assert reached == set(names)
