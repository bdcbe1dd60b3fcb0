"""A lab on its way, and what came of it."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mlops_lab.lab.catalog import Spec


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
    reason: str = ""  # why it was not run

    def row(self) -> dict[str, Any]:
        """What report.json holds; what is said of a failure or a skip only if there is one."""
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
    kernel_started: float = 0.0
    first_cell: float = 0.0
    kernel_pid: int = 0

    def __post_init__(self) -> None:
        self.result = Result(self.spec.stem)

    def lacks(self, services: Sequence[str]) -> None:
        """Say in a line that these services did not start; the report says once why."""
        if services and self.result.status == "failed":
            names = " and ".join(services)
            self.result.error = f"needs service {names}, which did not start"

    @property
    def seconds(self) -> float:
        """Seconds since the lab started, or that it took."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0
