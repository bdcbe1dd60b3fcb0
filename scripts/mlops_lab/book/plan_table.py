"""`lab plan`: the days from today to an interview, for one reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mlops_lab.book import schedule
from mlops_lab.book.schedule import MOCK, Day, Frame, Plan
from mlops_lab.core.errors import Usage
from mlops_lab.core.terminal import ENDLESS
from mlops_lab.interview import bank, choice, standing
from mlops_lab.interview.standing import Standing
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec

MOST_DAYS, LEAST_MINUTES, MOST_MINUTES = 120, 30, 480
FIRST = "the path, the three primers and how to drill; ./lab run, which sets everything up"
SHORT = "the path and how to drill"
AGAIN = "the path aloud, stop by stop; a lab again: change a cell, guess the output, run it"
LAST = "nothing new; the glossary"
EVENING = "the glossary"


def show(
    days: int | None, until: str | None, minutes: int | None, level: str | None, today: date
) -> None:
    """Print the plan: a table on a terminal, else a line a day.

    Raises:
        Usage: there is no such plan; the message is one line.
    """
    count = _days(days, until, today)
    if minutes is not None and not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Usage(f"--minutes {minutes}: a day has {LEAST_MINUTES} to {MOST_MINUTES} of them")
    levels = choice.LEVELS[: choice.LEVELS.index(level) + 1] if level else choice.LEVELS
    standings = standing.standings(choice.in_order(), levels)
    specs = catalog.select(None)
    frame = Frame(count, minutes) if minutes else schedule.enough(specs, count, standings)
    plan = schedule.make(specs, frame, standings)
    console = Console()
    if not console.is_terminal:
        console = Console(width=ENDLESS)
    _print(console, plan, standings, today)
    if plan.left_out and (whole := schedule.room(specs, frame, standings, MOST_MINUTES)):
        console.print(f"All labs have room with --minutes {whole}.", highlight=False)
    only = "".join(f" --level {one}" for one in levels) if level else ""
    console.print(_how(plan, only), highlight=False)


def _days(days: int | None, until: str | None, today: date) -> int:
    """How many days there are, by their number or by the interview's date."""
    if days is not None and until is not None:
        raise Usage("--days and --date say the same; give one of them")
    if until is None:
        told, count = f"--days {days}", schedule.DAYS if days is None else days
    else:
        try:
            told, count = f"--date {until}", (date.fromisoformat(until) - today).days
        except ValueError as error:
            raise Usage(f"--date {until}: no date, such as {today}") from error
        if count < 0:
            raise Usage(f"{told}: this is in the past, today is {today}")
    if not 1 <= count <= MOST_DAYS:
        raise Usage(f"{told}: a plan has 1 to {MOST_DAYS} days before the interview")
    return count


def _print(console: Console, plan: Plan, standings: Mapping[str, Standing], today: date) -> None:
    interview = today + timedelta(days=plan.frame.days)
    when = f"{interview:%a} {interview.day} {interview:%b %Y}"
    console.print(f"Interview on {when}. At most {plan.frame.minutes} minutes a day.")
    console.print(_table(plan, today, plain=not console.is_terminal))
    for line in [*_left_out(plan.left_out), *_weak(standings)]:
        console.print(line, highlight=False)


def _table(plan: Plan, today: date, *, plain: bool) -> Table:
    table = Table(box=None, pad_edge=False, leading=0 if plain else 1)
    table.add_column("Day", no_wrap=True)
    table.add_column("Read and run", ratio=None if plain else 3)
    table.add_column("Questions", ratio=None if plain else 2)
    table.add_column("Drill", justify="right", no_wrap=True)
    table.add_column("Min.", justify="right", no_wrap=True)
    for number, day in enumerate(plan.days):
        at = today + timedelta(days=number)
        new = ", ".join(f"{topic}\N{NO-BREAK SPACE}{count}" for topic, count in day.new.items())
        row = [f"{at:%a} {at.day:2} {at:%b}", _work(plan, number, day), new]
        table.add_row(*map(escape, row), str(day.drill), f"{day.minutes:.0f}")
    return table


def _work(plan: Plan, number: int, day: Day) -> str:
    """What a day has beside questions."""
    work = [f"{part.lab.name}{part.told}" for part in day.labs]
    if plan.cluster and number == plan.cluster[0]:
        work.insert(0, "./lab cluster up")
    if plan.cluster and number == plan.cluster[1]:
        work.append("./lab cluster down")
    if day.read:
        work.insert(0, FIRST if plan.frame.sets_up else SHORT)
    if number == plan.frame.days - 1:
        work.append(LAST if number else EVENING)
    if day.mock:
        work.append(f"./lab mock --minutes {MOCK}")
    return "; ".join(work or [AGAIN])


def _left_out(specs: Sequence[Spec]) -> list[str]:
    """Which labs there is no time for, and by what the others were chosen."""
    asked = sum(map(bank.proofs, choice.in_order()), Counter[str]())
    told = [f"{s.number} ({asked[s.stem]} questions, {schedule.minutes(s):.0f} min)" for s in specs]
    why = "No room is left for these; of the labs, those come first that prove most a minute"
    return [f"{why}: {', '.join(told)}."] if told else []


def _weak(standings: Mapping[str, Standing]) -> list[str]:
    """Which topics get more than their share."""
    told = []
    for topic, one in standings.items():
        shaky = [f"{one.shaky} of {one.seen} shaky"] if one.shaky else []
        mocks = [f"{one.score:.0%} in mocks"] if one.score is not None and one.weight > 1 else []
        if why := shaky + mocks:
            told.append(f"{topic} ({', '.join(why)})")
    return [f"More questions, as these went badly: {', '.join(told)}."] if told else []


def _how(plan: Plan, only: str) -> str:
    """How to drill what the table says."""
    new = [(topic, count) for day in plan.days for topic, count in day.new.items()]
    then = [f"then what is new: ./lab drill --topic {t} --new {n}{only}" for t, n in new[:1]]
    return ", ".join(["Drill first what is due: ./lab drill --new 0", *then])
