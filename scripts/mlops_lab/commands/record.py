"""`lab record`: run labs, and commit-ready notebooks are the result."""

import os
from typing import Annotated

import typer

from mlops_lab.commands.run import Labs, Workers, workers


def command(
    labs: Labs = None,
    jobs: Workers = None,
    fill: Annotated[
        bool,
        typer.Option(
            "--fill", help="Run nothing; bring questions, shown files and diagrams up to date."
        ),
    ] = False,
) -> None:
    """Run labs and write their outputs and stamps into notebooks/.

    An output stays as it was where it differs only in what tests/sanitizers.cfg erases. Nothing is
    written for a lab that fails.

    Example: ./lab record 02
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.runs import session

    specs = select(labs)
    strict = bool(labs or os.environ.get("CI"))
    raise typer.Exit(
        session.fill(specs) if fill else session.record(specs, jobs or workers(), strict=strict)
    )
