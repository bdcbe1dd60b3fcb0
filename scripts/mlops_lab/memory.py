"""Peak memory of running labs, by sampling: resident memory of the kernel, all its children, and
the services that the lab names (a shared service counts in full for each)."""

import threading
from collections.abc import Mapping, Sequence

import psutil

from mlops_lab.job import Job
from mlops_lab.services import Running

INTERVAL = 0.25  # seconds between samples: a peak shorter than that can be missed


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
            for job in self._jobs:
                if job.kernel_pid and not job.ended:
                    pids = [self._services[n].pid for n in job.needs if n in self._services]
                    used = sum(tree(pid) for pid in [job.kernel_pid, *pids])
                    job.result.peak_memory_bytes = max(job.result.peak_memory_bytes, used)


def tree(pid: int) -> int:
    """Resident bytes of a process and its descendants; 0 once it has ended."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return total
