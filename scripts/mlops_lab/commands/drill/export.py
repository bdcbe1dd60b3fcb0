"""`lab drill export`: the log of reviews in a file."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="Ends in .json, or in .csv for FSRS' optimizer.")],
) -> None:
    """Write every review to a file, for another machine, the browser's drill or the optimizer.

    Example: ./lab drill export drill.json
    """
    from mlops_lab.interview.deck import exchange, open_deck

    with open_deck() as deck:
        typer.echo(f"{exchange.write(deck, file)} reviews: {file}")
