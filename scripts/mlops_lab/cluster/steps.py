"""Steps that each bring up one thing, run as soon as what they need is there."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter

WORKERS = 6


@dataclass(frozen=True)
class Step:
    """`up` brings it up and returns when it works; `done` says whether that is so already."""

    name: str
    title: str
    needs: tuple[str, ...]
    done: Callable[[], bool]
    up: Callable[[], None]


@dataclass
class Outcome:
    """How a step went; `seconds` is None for one that was done before."""

    step: Step
    seconds: float | None


def run(
    steps: Sequence[Step], begin: Callable[[Step], None], end: Callable[[Outcome], None]
) -> None:
    """Run the steps, several at once, and tell when each begins and ends.

    Raises:
        LabError: the first step's that failed, after those that were running have ended.
        CycleError: some need each other.
    """
    known = {step.name: step for step in steps}
    graph = TopologicalSorter({step.name: known.keys() & set(step.needs) for step in steps})
    graph.prepare()
    running: set[Future[Outcome]] = set()
    lock = threading.Lock()

    def work(step: Step) -> Outcome:
        began = time.monotonic()
        if step.done():
            return Outcome(step, None)
        with lock:
            begin(step)
        step.up()
        return Outcome(step, time.monotonic() - began)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="step") as pool:
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
                graph.done(outcome.step.name)
                with lock:
                    end(outcome)
