"""`lab drill`: the questions that are due, in the terminal."""

from typing import Annotated

import typer

from mlops_lab.interview import NEW, SESSION


def command(
    topic: Annotated[str | None, typer.Option(help="Only this topic, such as dvc.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many questions.")] = SESSION,
    new: Annotated[int, typer.Option(min=0, help="At most this many never seen before.")] = NEW,
    stats: Annotated[bool, typer.Option("--stats", help="Only say what is due.")] = False,
) -> None:
    """Ask the questions that are due: answer aloud, reveal, grade yourself. Ctrl-D ends it.

    Example: ./lab drill --topic dvc --limit 5
    """
    from mlops_lab.interview.drill import drill, overview

    if stats:
        overview(topic)
    else:
        drill(topic, limit=limit, new=new)
