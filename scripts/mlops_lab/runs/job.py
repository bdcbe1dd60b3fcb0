"""A lab on its way, and what came of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    cell_seconds: dict[str, float] = field(default_factory=dict)  # by the cell's id
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

    # Nothing but these methods writes the result.

    def begin(self) -> None:
        """The clock runs from here."""
        self.started = time.monotonic()

    def end(self) -> None:
        """Nothing more will happen to it."""
        self.ended = time.monotonic()
        self.result.seconds = self.ended - self.started
        self.result.seconds_outside_cells += self.result.seconds

    def skip_cell(self) -> None:
        """A cell keeps its recorded output."""
        self.result.cells_skipped += 1

    @contextmanager
    def cell(self, name: str) -> Iterator[None]:
        """Hold this while a cell runs; it counts if nothing is raised."""
        began = time.monotonic()
        try:
            yield
            self.result.cells_run += 1
        finally:
            took = time.monotonic() - began
            self.result.cell_seconds[name] = round(took, 2)
            self.result.seconds_outside_cells -= took

    def passes(self) -> None:
        """All of it ran; what has failed stays so."""
        if not self.result.error:
            self.result.status = "passed"

    def fails(self, error: str, cell: str = "") -> None:
        """Say why, and in which cell; the first reason counts until it passes."""
        if self.result.status == "passed" or not self.result.error:
            self.result.status, self.result.error, self.result.cell = "failed", error, cell

    def lacks(self, services: Sequence[str]) -> None:
        """Say in a line that these services did not start; the report says once why."""
        if services and self.result.status == "failed":
            names = " and ".join(services)
            self.result.error = f"needs service {names}, which did not start"

    def holds(self, memory_bytes: int) -> None:
        """What its processes hold at this moment, together."""
        self.result.peak_memory_bytes = max(self.result.peak_memory_bytes, memory_bytes)

    @property
    def seconds(self) -> float:
        """Seconds since the lab started, or that it took."""
        return (self.ended or time.monotonic()) - self.started if self.started else 0.0
