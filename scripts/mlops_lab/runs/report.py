"""The report of a run: on the terminal, as build/report.json, and for the book."""

import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mlops_lab.core.files import publish
from mlops_lab.core.paths import BUILD, LOGS, REPORT
from mlops_lab.core.text import mebibytes, seconds, tail
from mlops_lab.runs.job import Result
from mlops_lab.runs.scheduler import Run

PROFILE = "local"
SHOWN_VERSIONS = (
    "dvc", "dvc-s3", "jupyter-book", "kserve", "mlflow", "moto", "nbval", "numpy", "pandas",
    "papermill", "scikit-learn", "skops",
)  # fmt: skip


def versions() -> dict[str, str]:
    """What the labs were run with."""
    packages = {name: version(name) for name in SHOWN_VERSIONS}
    return {"python": platform.python_version(), **packages}


def stamp() -> dict[str, Any]:
    """When and with what: every recording and report carries it. ``date`` is in UTC."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "profile": PROFILE,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": versions(),
    }


def write(results: Sequence[Result], took: float, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write build/report.json and return what it holds.

    ``seconds`` is the whole run's wall time; `about` is what else there is to say about the run:
    how long its beginning took, and which services did not start.
    """
    report = {
        "seconds": round(took, 2),
        **about,
        **stamp(),
        "labs": [_rounded(result.row()) for result in results],
    }
    BUILD.mkdir(parents=True, exist_ok=True)
    publish(REPORT, json.dumps(report, indent=2) + "\n")
    return report


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}


def show(console: Console, results: Sequence[Result], took: float) -> None:
    """Print the table of labs."""
    table = Table(box=None, pad_edge=False)
    for column in ("lab", "status", "seconds", "outside cells", "peak memory", "cells"):
        table.add_column(column, justify="left" if column in ("lab", "status") else "right")
    for row in results:
        style = {"passed": "green", "failed": "red"}.get(row.status, "dim")
        table.add_row(
            row.lab,
            Text(row.status, style),
            f"{row.seconds:.1f}",
            f"{row.seconds_outside_cells:.1f}",
            mebibytes(row.peak_memory_bytes),
            f"{row.cells_run}" + (f" (+{row.cells_skipped} skipped)" if row.cells_skipped else ""),
        )
    console.print(table)
    for row in results:
        if row.reason:
            console.print(Text(f"{row.lab} skipped: {row.reason}", "yellow"), soft_wrap=True)
    passed = sum(row.status == "passed" for row in results)
    console.print(f"{passed} of {len(results)} labs passed in {seconds(took)}")


def show_failures(console: Console, run: Run) -> None:
    """Print for each failed lab its cell, error, the logs of its services, and how to run it.

    A service that did not start is told once, with the labs that need it.
    """
    troubles = run.troubles()
    for trouble in troubles:
        console.rule(Text(f"service {trouble.service} did not start", "red"))
        console.print(Text(trouble.why), soft_wrap=True)
        console.print(f"needed by {', '.join(trouble.labs)}", soft_wrap=True)
        console.print(f"run them again: ./lab run {' '.join(trouble.labs)}", soft_wrap=True)
    told = {stem for trouble in troubles for stem in trouble.labs}
    dead = {running.name: running for running in run.failed_services()}
    for job in run.jobs:
        result = job.result
        if result.status != "failed" or job.spec.stem in told:
            continue
        where = f"{job.spec.stem}, cell {result.cell}" if result.cell else job.spec.stem
        console.rule(Text(f"{where} (under {job.heading!r})" if job.heading else where, "red"))
        console.print(Text(result.error), soft_wrap=True)
        for name in dead.keys() & set(job.needs):
            died = Text(f"service {name} died: {dead[name].command}", "red")
            console.print(died, soft_wrap=True)
        logs = [LOGS / f"run.{name}.log" for name in job.needs]
        logs += sorted(LOGS.glob(f"{job.spec.stem}*.log"))
        # Those of an earlier run of the lab are still there, and would mislead.
        for log in logs:
            if log.exists() and log.stat().st_size and log.stat().st_mtime >= run.began:
                console.print(Text(tail(log)), soft_wrap=True)
        console.print(f"run it again: ./lab run {job.spec.stem}")
