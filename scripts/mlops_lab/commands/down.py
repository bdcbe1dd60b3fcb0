"""`lab down`: stop what `lab up` keeps running."""

from typing import Annotated

import typer


def command(
    labs: Annotated[
        list[str] | None, typer.Argument(help="Labs by name or number. Default: all that are up.")
    ] = None,
) -> None:
    """Stop the services that `lab up` started.

    Example: ./lab down 03
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.upkeep import background

    wanted = [spec.stem for spec in select(labs)] if labs else background.alive()
    for stem in wanted:
        print(f"{stem}: {'stopped' if background.down(stem) else 'was not up'}")
    if not wanted:
        print("nothing is up")
