"""`lab run`: run labs from end to end, build the book, print the report."""

import os
from typing import Annotated

import typer

Labs = Annotated[
    list[str] | None, typer.Argument(help="Labs by name or number, such as 02. Default: all.")
]
WORKERS = os.cpu_count() or 2
Workers = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many labs at a time.")]


def command(
    labs: Labs = None,
    jobs: Workers = WORKERS,
    changed: Annotated[
        bool,
        typer.Option(
            help="Only labs whose notebook, inputs or engine changed since they last passed."
        ),
    ] = False,
    book: Annotated[bool, typer.Option(help="Build the book afterwards.")] = True,
) -> None:
    """Run labs from end to end with papermill, build the book, print the report.

    Executed copies go to build/notebooks/, the report to build/report.json. One lab's failure does
    not stop the others; the exit status is then 1. A lab whose programs cannot be had is skipped,
    which is a failure only if you named it, or if CI is set.

    Example: ./lab run 02 07 -j 2
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.runs.session import run_and_report

    strict = bool(labs or os.environ.get("CI"))
    raise typer.Exit(run_and_report(select(labs), jobs, changed=changed, book=book, strict=strict))
