"""`lab drill stats`: how the drill goes."""

from typing import Annotated

import typer


def command(
    topic: Annotated[
        list[str] | None, typer.Option(help="Only this topic's questions; again for more.")
    ] = None,
) -> None:
    """Show days in a row, what you remember, what is due when, and how far each topic is.

    Example: ./lab drill stats --topic dvc
    """
    from mlops_lab.interview.drill.statistics import stats

    stats(topic or ())
