"""`lab open`: JupyterLab on a lab, its services up."""

from typing import Annotated

import typer


def command(
    lab: Annotated[str, typer.Argument(help="A lab's name or number, such as 07.")],
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[
        int, typer.Option(help="JupyterLab's first choice of port.", min=0, max=65535)
    ] = 8888,
) -> None:
    """Open a copy of a lab's notebook in JupyterLab, its services up. Ctrl-C ends both.

    The copy is yours to change, in .lab/open/; the next `lab open` keeps it.

    Example: ./lab open 07
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.upkeep.jupyter import open_lab

    (spec,) = select([lab])
    raise typer.Exit(open_lab(spec, browser=browser, port=port))
