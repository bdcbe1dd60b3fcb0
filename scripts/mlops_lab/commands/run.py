"""`lab run`: run labs from end to end, build the book, print the report."""

import os
from typing import Annotated

import typer

Labs = Annotated[
    list[str] | None, typer.Argument(help="Labs by name or number, such as 02. Default: all.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        help="How many labs at a time. Default: one for each core with 3 GiB of free memory.",
    ),
]


def workers() -> int:
    """How many labs this process has room for; at least one."""
    import psutil

    able = hasattr(os, "sched_getaffinity")  # a scheduler or a container may lend fewer than all
    cores = len(os.sched_getaffinity(0)) if able else os.cpu_count() or 2
    return max(1, min(cores, psutil.virtual_memory().available // (3 * 2**30)))


def command(
    labs: Labs = None,
    jobs: Workers = None,
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
    raise typer.Exit(
        run_and_report(select(labs), jobs or workers(), changed=changed, book=book, strict=strict)
    )
