"""`lab drill import`: the reviews of another machine, or of the browser."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="What export or the browser's drill has written.")],
) -> None:
    """Add the reviews of a file to yours. Doing it twice is fine; a copy of yours is kept.

    Example: ./lab drill import drill.json
    """
    from mlops_lab.interview.drill.transfer import bring

    typer.echo(bring(file))
