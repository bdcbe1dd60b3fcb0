"""The book's page about the run that it was built from."""

from collections.abc import Sequence
from typing import Any

from mlops_lab.core.text import mebibytes, seconds
from mlops_lab.lab.catalog import Spec


def report_page(report: dict[str, Any] | None, specs: Sequence[Spec]) -> str:
    """A table of the last run in this checkout, or of the recorded runs where there was none."""
    head = "# The last run\n\n"
    if report is None:
        intro = (
            "This book was built from the committed notebooks, without a run. Each row is from the "
            "run that recorded that lab."
        )
        rows = [
            f"| [](../notebooks/{s.stem}.ipynb) | recorded {s.stamp['date']} UTC | "
            f"{seconds(s.stamp['seconds'])} | {seconds(s.stamp['seconds_outside_cells'])} | "
            f"{mebibytes(s.stamp['peak_memory_bytes'])} |"
            for s in specs
            if s.stamp
        ]
        return head + intro + _table(rows)
    intro = (
        f"`./lab run` made this page on {report['date']} UTC on {report['machine']}, "
        f"[profile](#profiles) {report['profile']}. "
        f"The labs took {seconds(report['seconds'])} of wall time together."
    )
    rows = [
        f"| [](../notebooks/{r['lab']}.ipynb) | {r['status']} | {seconds(r['seconds'])} | "
        f"{seconds(r['seconds_outside_cells'])} | {mebibytes(r['peak_memory_bytes'])} |"
        for r in report["labs"]
    ]
    versions = "\n".join(f"| {name} | {v} |" for name, v in report["versions"].items())
    used = f"\n\n## What it ran with\n\n| package | version |\n|---|---|\n{versions}\n"
    return head + intro + _table(rows) + used


def _table(rows: Sequence[str]) -> str:
    head = "| Lab | Status | Time | Outside cells | Peak memory |\n|---|---|--:|--:|--:|"
    return "\n".join(["", "", head, *rows])
