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
    from mlops_lab import upkeep
    from mlops_lab.catalog import select

    wanted = [spec.stem for spec in select(labs)] if labs else upkeep.alive()
    for stem in wanted:
        print(f"{stem}: {'stopped' if upkeep.down(stem) else 'was not up'}")
    if not wanted:
        print("nothing is up")
