"""`lab doctor`: what this machine can do, and what to do about the rest."""

from typing import Annotated

import typer


def command(
    stamps: Annotated[
        bool, typer.Option("--stamps", help="Only which labs were recorded with an older version.")
    ] = False,
) -> None:
    """Say what this machine has and lacks, with the command that gets what is missing.

    Example: ./lab doctor
    """
    from mlops_lab.upkeep import doctor
    from mlops_lab.upkeep import stamps as recorded

    raise typer.Exit(recorded.show() if stamps else doctor.examine())
