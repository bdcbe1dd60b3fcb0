"""Run one job: a kernel of its own, the notebook on it, and nothing left of either."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from mlops_lab.core import scratch
from mlops_lab.core.guard import owned_by, sweep
from mlops_lab.core.paths import EXECUTED, LOGS, NOTEBOOKS
from mlops_lab.runs.job import Job

KERNELS = os.path.join(sys.prefix, "share", "jupyter", "kernels")


def execute(job: Job) -> None:
    """Run a job's notebook into build/notebooks/ and fill in its result. Never raises."""
    job.begin()
    try:
        EXECUTED.mkdir(parents=True, exist_ok=True)
        with kernel(job) as manager:
            # Imported here: papermill takes half a second, in which the kernel starts as well.
            from mlops_lab.runs.papermill_engine import run_notebook

            run_notebook(job, manager, EXECUTED / job.spec.path.name)
    except Exception as error:
        job.fails(f"{type(error).__name__}: {error}")
    finally:
        try:
            sweep(job.owner)
        finally:
            job.end()  # the run waits for it


@contextmanager
def kernel(job: Job) -> Iterator[KernelManager]:
    """A kernel that has been started but may not answer yet."""
    # Unix sockets: no port, and no warning about unencrypted TCP.
    folder = scratch.folder()
    manager = KernelManager(
        kernel_name="python3",
        # By itself it asks IPython for its folder, and imports it before the kernel starts.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[KERNELS]),
        transport="ipc",
        ip=str(folder / "k"),
        connection_file=str(folder / "kernel.json"),
        client_class="jupyter_client.asynchronous.AsyncKernelClient",
    )
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        with (LOGS / f"{job.spec.stem}.kernel.log").open("wb") as log:
            env = owned_by(job.owner, job.env)
            manager.start_kernel(env=env, cwd=str(NOTEBOOKS), stdout=log, stderr=log)
        job.kernel_started = time.monotonic()
        job.kernel_pid = getattr(manager.provisioner, "pid", 0)
        yield manager
    finally:
        shutil.rmtree(folder, ignore_errors=True)
