"""Phases that each bring up one thing, run as soon as what they need is there."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter

WORKERS = 6


@dataclass(frozen=True)
class Phase:
    """`up` brings it up and returns when it works; `done` says whether that is so already."""

    name: str
    title: str
    needs: tuple[str, ...]
    done: Callable[[], bool]
    up: Callable[[], None]


@dataclass
class Outcome:
    """How a phase went; `seconds` is None for one that was done before."""

    phase: Phase
    seconds: float | None


def run(
    phases: Sequence[Phase], begin: Callable[[Phase], None], end: Callable[[Outcome], None]
) -> None:
    """Run the phases, several at once, and tell when each begins and ends.

    Raises:
        LabError: the first phase's that failed, after those that were running have ended.
        CycleError: some need each other.
    """
    known = {phase.name: phase for phase in phases}
    graph = TopologicalSorter({phase.name: known.keys() & set(phase.needs) for phase in phases})
    graph.prepare()
    running: set[Future[Outcome]] = set()
    lock = threading.Lock()

    def work(phase: Phase) -> Outcome:
        began = time.monotonic()
        if phase.done():
            return Outcome(phase, None)
        with lock:
            begin(phase)
        phase.up()
        return Outcome(phase, time.monotonic() - began)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="phase") as pool:
        while graph.is_active():
            running |= {pool.submit(work, known[name]) for name in graph.get_ready()}
            complete, running = wait(running, return_when=FIRST_COMPLETED)
            for future in complete:
                try:
                    outcome = future.result()
                except BaseException:
                    # What waits for a free worker must not begin any more.
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
                graph.done(outcome.phase.name)
                with lock:
                    end(outcome)
