"""`lab clean`: remove what the lab made."""

from typing import Annotated

import typer


def command(
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Also your copies from lab open, and .venv: the next call sets up anew."
        ),
    ] = False,
) -> None:
    """Remove what runs and tests leave behind: build/ and .lab/.

    Your copies from lab open and your drill's progress are kept.

    Example: ./lab clean --all
    """
    from mlops_lab.upkeep.tidying import clean

    clean(everything=everything)
