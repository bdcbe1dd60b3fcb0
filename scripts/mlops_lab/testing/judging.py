"""A plugin for pytest: nbval judges the execution that `lab run` made, where it is of these very
cells, code, versions and cluster; else it executes the notebook itself.

The comparison is nbval's own either way, with the same sanitizers: an execution is replayed to it
message by message, as a kernel would have sent them. A kernel that does run is waited for as
everything here is.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from mlops_lab.core.paths import NOTEBOOKS
from mlops_lab.core.waiting import CELL_LIMIT, LIMIT
from mlops_lab.lab.catalog import read, select, stems
from mlops_lab.lab.cells import needs_cluster
from mlops_lab.lab.entry import obtain
from mlops_lab.runs import executions

_get_message = RunningKernel.get_message


class Replay:
    """An execution in the place of a kernel: it answers with what the kernel said then."""

    def __init__(self, notebook: Any) -> None:
        self._cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self._messages: Iterator[dict[str, Any]] = iter(())
        self._next = 0

    def turn(self, number: int) -> None:
        """The code cell of this number comes next; those before it may have been skipped."""
        self._next = number

    def execute_cell_input(self, source: str, allow_stdin: bool) -> str:
        """Begin the cell's messages; what identifies them is its number."""
        cell, parent = self._cells[self._next], str(self._next)
        if cell.source != source:
            raise RuntimeError(f"the execution is of another cell than {cell.id}")
        self._messages = iter([*(_message(o, parent) for o in cell.outputs), _idle(parent)])
        return parent

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """The next message."""
        for message in self._messages:
            return message
        raise Empty

    def await_reply(self, *_: Any, **__: Any) -> None:
        """It has replied long ago."""

    def await_idle(self, *_: Any, **__: Any) -> None:
        """It is."""

    def is_alive(self) -> bool:
        """As alive as it will be."""
        return True

    def stop(self) -> None:
        """Nothing runs."""


def _message(output: Any, parent: str) -> dict[str, Any]:
    content = {"metadata": {}, "execution_count": None, **output}
    return {
        "msg_type": output.output_type, "content": content, "parent_header": {"msg_id": parent},
    }  # fmt: skip


def _idle(parent: str) -> dict[str, Any]:
    content = {"execution_state": "idle"}
    return {"msg_type": "status", "content": content, "parent_header": {"msg_id": parent}}


class LabCell(IPyNbCell):  # type: ignore[misc]
    """A code cell of a lab."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # nbval gives up on a kernel that is silent for five seconds after its reply.
        self.output_timeout = LIMIT
        self.add_marker(pytest.mark.timeout(CELL_LIMIT + LIMIT))

    def runtest(self) -> None:
        """nbval's, with the replay told where it is."""
        if isinstance(self.parent.kernel, Replay):
            self.parent.kernel.turn(self.cell_num)
        super().runtest()


class LabNotebook(IPyNbFile):  # type: ignore[misc]
    """A lab's notebook."""

    def collect(self) -> Iterator[pytest.Item]:
        """nbval's cells as ours."""
        for cell in super().collect():
            yield LabCell.from_parent(
                self, name=cell.name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options
            )

    def setup(self) -> None:
        """Take the execution if it fits, else start a kernel."""
        execution = executions.fitting(read(self.path.stem))
        if execution is None:
            super().setup()
        else:
            self.kernel = Replay(execution)
            self.setup_sanitize_files()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> LabNotebook | None:
    """Labs are collected here, and not by nbval's own hook, which wants --nbval."""
    if file_path.suffix == ".ipynb" and file_path.parent == NOTEBOOKS:
        return LabNotebook.from_parent(parent, path=file_path)  # type: ignore[no-any-return]
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason and what helps: labs that lack a program, cluster cells without one."""
    cells = [item for item in items if isinstance(item, LabCell)]
    if not cells:
        return
    _skip_labs(cells)
    tagged = [item for item in cells if needs_cluster(item.cell)]
    if not tagged:
        return
    from mlops_lab.cluster.access import available

    if not available():
        for item in tagged:
            item.add_marker(pytest.mark.skip(reason="no cluster is up; ./lab cluster up"))


def _skip_labs(cells: list[LabCell]) -> None:
    """Skip the labs that lack something; in CI only after the first cell, which then says it."""
    labs = {stem: [cell for cell in cells if cell.path.stem == stem] for stem in stems()}
    for stem, why in obtain(read(stem) for stem, found in labs.items() if found).items():
        for cell in labs[stem][1 if os.environ.get("CI") else 0 :]:
            cell.add_marker(pytest.mark.skip(reason=why))


def pytest_configure() -> None:
    """Let nbval notice a kernel's death: by itself it waits for the cell's whole time limit."""
    RunningKernel.get_message = patient


def patient(kernel: Any, stream: str, timeout: float | None = None) -> Any:
    """`RunningKernel.get_message`, until the kernel dies.

    Raises:
        RuntimeError: it has.
        Empty: there was no message within `timeout` seconds.
    """
    # nbval gives a new kernel 10 s for its first reply. On iopub it counts on a short wait: a
    # message may have come before it listened.
    limit = max(timeout or 0, LIMIT) if stream == "shell" else timeout or LIMIT
    deadline = time.monotonic() + limit
    while (left := deadline - time.monotonic()) > 0:
        try:
            return _get_message(kernel, stream, timeout=min(left, 1))
        except Empty:
            if not kernel.km.is_alive():
                raise RuntimeError("the kernel died") from None
    raise Empty


def pytest_report_header() -> str:
    """Say which labs are judged by the execution of the last run, and which run again."""
    fitting = [spec.stem for spec in select(None) if executions.fitting(spec)]
    return f"labs judged by their last run: {', '.join(fitting) or 'none'}; others run now"
