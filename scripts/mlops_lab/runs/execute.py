"""Run one job: a kernel of its own, the notebook on it, and nothing left of either."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.manager import KernelManager

from mlops_lab.core.guard import owned_by, sweep
from mlops_lab.core.paths import EXECUTED, LOGS, NOTEBOOKS, ROOT
from mlops_lab.runs.job import Job

# Folders of sockets, named after the checkout so that its next run finds what a killed one left.
SOCKETS = f"mlops-lab-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}-"


def remove_stale_sockets() -> None:
    """Remove what killed runs left; only for who holds the lock on runs."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SOCKETS}*"):
        shutil.rmtree(folder, ignore_errors=True)


def execute(job: Job) -> None:
    """Run a job's notebook into build/notebooks/ and fill in its result. Never raises."""
    job.begin()
    try:
        EXECUTED.mkdir(parents=True, exist_ok=True)
        with kernel(job) as manager:
            # Imported here: papermill takes half a second, in which the kernel starts as well.
            from mlops_lab.runs.engine import run_notebook

            run_notebook(job, manager, EXECUTED / job.spec.path.name)
    except Exception as error:
        job.fails(f"{type(error).__name__}: {error}")
    finally:
        sweep(job.owner)
        job.end()


@contextmanager
def kernel(job: Job) -> Iterator[KernelManager]:
    """A kernel that has been started but may not answer yet."""
    # Unix sockets: no port, and no warning about unencrypted TCP. Their paths must be short, so
    # they are not in the checkout.
    sockets = Path(tempfile.mkdtemp(prefix=SOCKETS))
    manager = KernelManager(
        kernel_name="python3",
        transport="ipc",
        ip=str(sockets / "k"),
        connection_file=str(sockets / "kernel.json"),
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
        shutil.rmtree(sockets, ignore_errors=True)
