"""`lab plan`: what to do on each day up to an interview."""

from typing import Annotated

import typer

from mlops_lab.interview import Level


def command(
    days: Annotated[
        int | None,
        typer.Option(help="Days up to the interview, today included, 1 to 120; else 14."),
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="The interview's date, such as 2027-03-01, instead.")
    ] = None,
    minutes: Annotated[
        int | None,
        typer.Option(
            help="Most minutes of a day, 30 to 480; else as few as all fits in, but at most 165."
        ),
    ] = None,
    level: Annotated[Level | None, typer.Option(help="No harder questions.")] = None,
) -> None:
    """Plan the days up to an interview: labs, questions, more of topics that went badly in your
    drill and mock interviews.

    Example: ./lab plan --days 5 --minutes 90
    """
    from datetime import date as calendar

    from mlops_lab.book.plan_table import show

    show(days, date, minutes, level, calendar.today())
