"""`lab up`: keep a lab's services running for a person."""

from typing import Annotated

import typer


def command(
    lab: Annotated[str, typer.Argument(help="A lab's name or number, such as 07.")],
) -> None:
    """Start a lab's services and keep them up, for work in JupyterLab. Doing it twice is fine.

    Of lab 15b it is the page of dashboards, with all that they show; its callers stop after half
    an hour.

    Example: ./lab up 03
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.upkeep import background

    (spec,) = select([lab])
    background.up(spec, page=True)
    background.show([spec.stem])
