"""A plugin for pytest: nbval runs a notebook's cluster cells when a cluster is up, else not; and it
waits as everything here does."""

import time
from queue import Empty
from typing import Any

import pytest
from nbval.kernel import RunningKernel

from mlops_lab.cells import needs_cluster
from mlops_lab.waiting import LIMIT

_get_message = RunningKernel.get_message


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip cluster cells, with the reason, where there is no cluster."""
    cells = [item for item in items if hasattr(item, "cell")]
    for item in cells:
        # nbval's 5 s for each output are too short for a busy machine, and it has no option.
        item.output_timeout = LIMIT  # type: ignore[attr-defined]
    tagged = [item for item in cells if needs_cluster(item.cell)]
    if not tagged:
        return
    from mlops_lab.cluster.access import available

    if not available():
        for item in tagged:
            item.add_marker(pytest.mark.skip(reason="no cluster is up; ./lab cluster up"))


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
