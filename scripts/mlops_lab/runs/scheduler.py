"""Run labs side by side: services shared, a kernel each, and an order that wastes no waiting."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from mlops_lab.core import scratch
from mlops_lab.core.guard import owned_by, sweep
from mlops_lab.core.paths import STATE
from mlops_lab.core.waiting import PAUSE
from mlops_lab.lab.catalog import Spec
from mlops_lab.lab.entry import enter
from mlops_lab.lab.lab import ATTACH
from mlops_lab.lab.workspace import remove_leftovers
from mlops_lab.runs.execute import execute
from mlops_lab.runs.job import Job
from mlops_lab.runs.memory import Sampler
from mlops_lab.services.definitions import resolve
from mlops_lab.services.running import Running, write
from mlops_lab.services.supervisor import Supervisor

# A run's services, for the kernels that attach to them.
SERVICES = STATE / "run" / "services.json"


@contextmanager
def shared_services(specs: Sequence[Spec], label: str) -> Iterator[Supervisor]:
    """The services that the labs need, started but not waited for; stopped at the end.

    This process is masked already. `attached` makes kernels attach to them.
    """
    remove_leftovers(_forget)
    supervisor = Supervisor(SERVICES.parent, label)
    try:
        supervisor.start(resolve(name for spec in specs for name in spec.services))
        write(SERVICES, supervisor.running.values())
        yield supervisor
    finally:
        supervisor.stop()


def attached() -> dict[str, str]:
    """This process's environment, for a kernel that attaches to the shared services."""
    return {**os.environ, ATTACH: str(SERVICES)}


@dataclass(frozen=True)
class Trouble:
    """A shared service that did not start: why, and the labs that cannot be without it."""

    service: str
    why: str
    labs: list[str]


@dataclass
class Run:
    """Labs on their way: the jobs in the book's order, and what they share."""

    jobs: list[Job]
    supervisor: Supervisor
    began: float  # time.time() before anything was started
    lacking: dict[str, str]  # by lab, why it cannot run here

    def failed_services(self) -> list[Running]:
        """Shared services that ended while the labs ran."""
        return self.supervisor.dead()

    def troubles(self) -> list[Trouble]:
        """Shared services that did not start, each with the labs that failed for that alone."""
        failed = self.supervisor.failed().items()
        return [Trouble(name, why, self._who_needs(name)) for name, why in failed]

    def _who_needs(self, name: str) -> list[str]:
        return [job.spec.stem for job in self.jobs if name in job.needs]


# What is of the cluster is imported when it is needed: few runs have one.
def _forget(name: str) -> None:
    from mlops_lab.cluster.access import forget

    forget(name)


def _cluster() -> bool:
    from mlops_lab.cluster.access import available

    return available()


def turn(job: Job) -> tuple[float, int]:
    """What decides when a job's turn is: the longest first, so that all workers end together.

    Among those whose time is not known, who needs few services is first: the others would wait
    for servers that still start. A recording with the cluster says nothing about a run without.
    """
    known = job.cluster or not job.spec.cluster
    return -job.spec.seconds if known else 0.0, len(job.needs)


def _end(futures: Sequence[Future[None]], owner: str) -> None:
    """End the jobs of a run that broke off; one that had yet to start its kernel does so now."""
    # Those that were cancelled are done, but `wait` does not learn of it.
    running = [future for future in futures if not future.done()]
    while wait(running, timeout=PAUSE).not_done:
        sweep(owner)


@contextmanager
def run_labs(
    specs: Sequence[Spec],
    workers: int,
    watch: Callable[[Run], None],
    lacking: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Run]:
    """Run the labs, `workers` at a time, and yield when all have ended, services still up.

    `watch` is called once at the start, in this thread, and should return when the jobs are done.
    A lab that fails does not stop the others, nor does one whose programs cannot be had: of those
    in `lacking` it is known already.
    """
    began = time.time()
    lacking = {**lacking, **enter(spec for spec in specs if spec.stem not in lacking)}
    specs = [spec for spec in specs if spec.stem not in lacking]
    with shared_services(specs, "run") as supervisor:
        scratch.remove_stale()
        cluster = any(spec.cluster for spec in specs) and _cluster()
        # The supervisor's guard watches over the kernels too.
        owner = supervisor.owner
        env = owned_by(owner, attached())
        jobs = [
            Job(
                spec,
                env,
                f"{owner}/{spec.stem}",
                tuple(service.name for service in resolve(spec.services)),
                cluster and spec.cluster,
            )
            for spec in specs
        ]
        run = Run(jobs, supervisor, began, lacking)
        sampler = Sampler(jobs, supervisor.running)
        pool = ThreadPoolExecutor(workers, thread_name_prefix="lab")
        futures: list[Future[None]] = []
        try:
            for job in sorted(jobs, key=turn):  # one by one: Ctrl-C may come in between
                futures.append(pool.submit(execute, job))
            watch(run)
            pool.shutdown(wait=True)
            for job in run.jobs:
                job.lacks([name for name in supervisor.failed() if name in job.needs])
            yield run
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            _end(futures, owner)
            sampler.stop()
