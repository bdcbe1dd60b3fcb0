"""Run one lab's notebook with papermill, and say as it goes which cell it is at."""

import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from mlops_lab.catalog import Spec
from mlops_lab.explain import explain, reason
from mlops_lab.guard import owned_by, sweep
from mlops_lab.paths import EXECUTED, LOGS, NOTEBOOKS

CLUSTER_TAG = "cluster"
# No cell of a lab needs longer; a hanging one is named instead of waited for.
CELL_TIMEOUT = 300


@dataclass
class Result:
    """One row of the report; `seconds_outside_cells` is all but the cells' own run time."""

    lab: str
    status: str = "failed"
    seconds: float = 0.0
    seconds_outside_cells: float = 0.0
    peak_memory_bytes: int = 0
    cells_run: int = 0
    cells_skipped: int = 0
    cell: str = ""
    error: str = ""

    def row(self) -> dict[str, Any]:
        """What report.json holds; the failing cell and its error only if there are any."""
        return {k: v for k, v in asdict(self).items() if v != ""}


@dataclass
class Job:
    """A lab while it runs: what the progress display and the memory sampler read."""

    spec: Spec
    env: dict[str, str] = field(repr=False)
    owner: str
    needs: tuple[str, ...] = ()
    cluster: bool = False
    result: Result = field(init=False)
    heading: str = ""
    started: float = 0.0
    ended: float = 0.0
    first_cell: float = 0.0
    kernel_pid: int = 0

    def __post_init__(self) -> None:
        self.result = Result(self.spec.stem)

    @property
    def seconds(self) -> float:
        """Seconds since the lab started, or that it took."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0


def headings(notebook: nbformat.NotebookNode) -> list[str]:
    """For each cell the heading that it stands under."""
    found, current = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            current = cell.source.splitlines()[0].lstrip("# ")
        found.append(current)
    return found


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, reporting to a job and leaving cluster cells as they were recorded."""

    job: Job

    def papermill_execute_cells(self) -> None:
        """Run the cells in order, up to the first that fails."""
        self.job.kernel_pid = self.km.provisioner.pid
        self.job.first_cell = time.monotonic()
        recorded = nbformat.read(self.job.spec.path, as_version=4).cells
        titles = headings(self.nb)
        for index, cell in enumerate(self.nb.cells):
            self.job.heading = titles[index]
            if cell.cell_type != "code":
                continue
            if CLUSTER_TAG in cell.metadata.get("tags", ()) and not self.job.cluster:
                cell.outputs = recorded[index].outputs
                cell.execution_count = recorded[index].execution_count
                self.job.result.cells_skipped += 1
            elif not self._run(cell, index):
                return

    def _run(self, cell: nbformat.NotebookNode, index: int) -> bool:
        """Run one cell; False when it failed."""
        result, began = self.job.result, time.monotonic()
        try:
            self.nb_man.cell_start(cell, index)
            self.execute_cell(cell, index)
            result.cells_run += 1
            return True
        except Exception as error:  # whatever it is, even a dead kernel: it belongs to this cell
            result.cell = str(cell.get("id", index))
            result.error = explain(error, cell)
            self.nb_man.cell_exception(cell, cell_index=index, exception=error)
            return False
        finally:
            result.seconds_outside_cells -= time.monotonic() - began
            self.nb_man.cell_complete(cell, cell_index=index)


class _LabEngine(Engine):  # type: ignore[misc]
    """papermill's engine, with our client and a kernel that is killed when its work is done."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, job: Job, **_: Any) -> None:
        # Unix sockets: no port, and no kernel warning about unencrypted TCP. Their paths must be
        # short, so they are not in the checkout.
        sockets = Path(tempfile.mkdtemp(prefix="lab-"))
        manager = AsyncKernelManager(
            kernel_name=kernel_name,
            transport="ipc",
            ip=str(sockets / "k"),
            connection_file=str(sockets / "kernel.json"),
        )
        client = _Client(nb_man, timeout=CELL_TIMEOUT, startup_timeout=60)
        client.km, client.job, client.shutdown_kernel = manager, job, "immediate"
        LOGS.mkdir(parents=True, exist_ok=True)
        try:
            with (LOGS / f"{job.spec.stem}.kernel.log").open("wb") as log:
                client.execute(env=job.env, cwd=str(NOTEBOOKS), stdout=log, stderr=log)
        finally:
            shutil.rmtree(sockets, ignore_errors=True)


papermill_engines.register("lab", _LabEngine)


def execute(job: Job) -> Result:
    """Run a job's notebook into build/notebooks/ and return its filled-in result."""
    result = job.result
    job.started = time.monotonic()
    job.env = owned_by(job.owner, job.env)
    EXECUTED.mkdir(parents=True, exist_ok=True)
    output = EXECUTED / job.spec.path.name
    try:
        execute_notebook(job.spec.path, output, engine_name="lab", progress_bar=False, job=job)
        if not result.error:
            result.status = "passed"
    except PapermillExecutionError:
        pass  # the client has noted the cell and the error
    except Exception as error:
        # Before the first cell: a notebook that cannot be read, a kernel that dies as it starts.
        result.error = result.error or reason(error)
    finally:
        sweep(job.owner)
        job.ended = time.monotonic()
        result.seconds = job.ended - job.started
        result.seconds_outside_cells += result.seconds
    return result
