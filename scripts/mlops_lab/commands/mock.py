"""`lab mock`: a timed interview, in the terminal."""

from typing import Annotated, Literal

import typer

from mlops_lab.interview import Level


def command(
    minutes: Annotated[int, typer.Option(min=30, max=60, help="How long it takes.")] = 45,
    level: Annotated[Level, typer.Option(help="The level to interview for.")] = "mid",
    role: Annotated[
        Literal["mlops", "platform", "ml"], typer.Option(help="What is asked in depth.")
    ] = "mlops",
    interviewer: Annotated[
        bool, typer.Option("--interviewer", help="You ask somebody, and see the rubric.")
    ] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Leave the paused one behind.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Only show how they went.")] = False,
) -> None:
    """Sit a timed interview: warm-up, depth, design, an incident, people. Ctrl-D pauses it.

    Example: ./lab mock --minutes 30 --level senior
    """
    from mlops_lab.interview.mock import run

    if history:
        run.show_history()
    else:
        run.mock(level, role, minutes, interviewer=interviewer, afresh=afresh)
