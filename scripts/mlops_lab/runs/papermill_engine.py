"""papermill with our client: it reports to a job, and stops at the first cell that fails."""

import time
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager

from mlops_lab.core.waiting import ANSWER_LIMIT, CELL_LIMIT, LIMIT
from mlops_lab.lab.cells import headings, needs_cluster
from mlops_lab.runs.explain import explain, reason
from mlops_lab.runs.job import Job
from mlops_lab.runs.unused import without

# Where papermill could read a notebook from as well: it imports each that is installed, which
# delays the first cell, by seconds on a cold disk.
with without("azure", "boto3", "gcsfs", "github", "pyarrow"):
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import Engine, papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, reporting to a job and leaving cluster cells as they were recorded."""

    job: Job

    def papermill_execute_cells(self) -> None:
        """Run the cells in order, up to the first that fails."""
        self.job.first_cell = time.monotonic()
        recorded = nbformat.read(self.job.spec.path, as_version=4).cells
        titles = headings(self.nb)
        for index, cell in enumerate(self.nb.cells):
            self.job.heading = titles[index]
            if cell.cell_type != "code":
                continue
            if needs_cluster(cell) and not self.job.cluster:
                cell.outputs = recorded[index].outputs
                cell.execution_count = recorded[index].execution_count
                self.job.skip_cell()
            elif not self._run(cell, index):
                return

    def _run(self, cell: nbformat.NotebookNode, index: int) -> bool:
        """Run one cell; False when it failed."""
        try:
            self.nb_man.cell_start(cell, index)
            with self.job.cell(str(cell.get("id", index))):
                self.execute_cell(cell, index)
            return True
        except Exception as error:  # whatever it is, even a dead kernel: it belongs to this cell
            # At the end papermill asks the kernel who it is, and it may be busy with this cell.
            self.timeout = int(ANSWER_LIMIT)
            told = "\n".join(filter(None, [explain(error, cell), self._death()]))
            self.job.fails(told, str(cell.get("id", index)))
            self.nb_man.cell_exception(cell, cell_index=index, exception=error)
            return False
        finally:
            self.nb_man.cell_complete(cell, cell_index=index)

    def _death(self) -> str:
        """What of the cluster has died, which is probably why the cell failed."""
        if not self.job.cluster:
            return ""
        from mlops_lab.cluster.lifecycle import death

        return death()


class _LabEngine(Engine):  # type: ignore[misc]
    """Hands papermill's notebook and our kernel to our client."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, job: Job, kernel: KernelManager, **_: Any
    ) -> None:
        # By default an output that comes 4 s after its cell's end is dropped without a word.
        client = _Client(
            nb_man,
            timeout=int(CELL_LIMIT),
            startup_timeout=int(LIMIT),
            iopub_timeout=int(LIMIT),
            raise_on_iopub_timeout=True,
        )
        client.km, client.job, client.shutdown_kernel = kernel, job, "immediate"
        client.execute()


papermill_engines.register("lab", _LabEngine)


def run_notebook(job: Job, kernel: KernelManager, output: Path) -> None:
    """Run the job's notebook on a started kernel, write the copy, fill in the job's result."""
    try:
        execute_notebook(
            job.spec.path,
            output,
            engine_name="lab",
            progress_bar=False,
            # Written once, at the end: a save at each cell takes longer than most cells.
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            job=job,
            kernel=kernel,
        )
        job.passes()
    except PapermillExecutionError:
        pass  # the client has noted the cell and the error
    except Exception as error:
        # Before the first cell: a notebook that cannot be read, a kernel that dies as it starts.
        job.fails(reason(error))
