"""Peak memory of running labs, by sampling: resident memory of the kernel, all its children, and
the services that the lab names (a shared service counts in full for each)."""

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence

import psutil

from mlops_lab.runs.job import Job
from mlops_lab.services.running import Running

INTERVAL = 0.5  # seconds between samples: a peak shorter than that can be missed


class Sampler:
    """A thread that keeps each job's `peak_memory_bytes` up to date until `stop`."""

    def __init__(self, jobs: Sequence[Job], services: Mapping[str, Running]) -> None:
        self._jobs, self._services = jobs, services
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="memory")
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            running = [job for job in self._jobs if job.kernel_pid and not job.ended]
            children = family() if running else {}
            for job in running:
                pids = [self._services[n].pid for n in job.needs if n in self._services]
                used = sum(resident(pid, children) for pid in [job.kernel_pid, *pids])
                job.holds(used)


def family() -> dict[int, list[int]]:
    """The children of every process. Once per sample: it reads all of /proc."""
    children: dict[int, list[int]] = defaultdict(list)
    for process in psutil.process_iter():
        try:
            children[process.ppid()].append(process.pid)
        except psutil.Error:
            continue
    return children


def resident(pid: int, children: Mapping[int, Sequence[int]]) -> int:
    """Resident bytes of a process and its descendants; 0 once it has ended, or if none began."""
    if not pid:  # the parent of all there is
        return 0
    try:
        own: int = psutil.Process(pid).memory_info().rss
    except psutil.Error:
        own = 0
    return own + sum(resident(child, children) for child in children.get(pid, ()))
