"""The plan for two weeks, a page of the book, made of what a reader without a history needs."""

from collections.abc import Sequence

from mlops_lab.book import schedule
from mlops_lab.book.schedule import MINUTES, MOCK, QUESTION, READ, WORDS, Day, Plan
from mlops_lab.interview import NEW, SESSION, choice, standing
from mlops_lab.lab.catalog import Spec

TITLE = "A plan for two weeks"
HEAD = f"""\
# {TITLE}

Made from the labs' own figures. A lab takes its measured time, a minute for each code cell and a
minute for every {WORDS} words. A question takes {QUESTION} minutes: say the answer, open it, tick
off. No day is longer than {MINUTES} minutes.

Drill first: `./lab drill --new 0` asks what is due. Then the day's new questions, at most {NEW},
as in `./lab drill --topic dvc --new 5`. Of
each topic it is the same share, as large as two weeks have room for. With what is due they are at
most {SESSION}; the minutes count on as many as you can have met by then.
[How to drill](how-to-drill.md) says how to grade yourself.

You have more time, or less? `./lab plan --days 5` or `./lab plan --date 2027-03-01` plans your own
days, and asks more of the topics in which your drill or a mock interview went badly.

| Day | Read and run | New questions | Min. |
|--:|---|---|--:|
"""
FIRST = [*(f"[]({name}.md)" for name in READ), "`./lab run`, which sets everything up"]
AGAIN = (
    "Draw [the path](path.md) from memory and say each stop aloud. "
    "`./lab open` a lab: change a cell, guess the output, run it"
)
LAST = "Nothing new. Skim the [glossary](glossary.md) for words that you would stumble over"


def two_weeks(specs: Sequence[Spec]) -> Plan:
    """The plan of somebody who has seen nothing."""
    return schedule.make(specs, schedule.Frame(), standing.fresh(choice.in_order()))


def page(specs: Sequence[Spec]) -> str:
    """The plan as a page: a row a day."""
    plan, seen = two_weeks(specs), set[str]()
    rows = []
    for number, day in enumerate(plan.days):
        new = [f"{_link(topic, seen)}: {count}" for topic, count in day.new.items()]
        work = "; ".join(_work(plan, number, day))
        cells = [str(number + 1), work, ", ".join(new), f"{day.minutes:.0f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(rows) + "\n"


def _work(plan: Plan, number: int, day: Day) -> list[str]:
    work = [f"[{part.lab.name}](../notebooks/{part.lab.stem}.ipynb)" for part in day.labs]
    if plan.cluster and number == plan.cluster[0]:
        work.insert(0, "`./lab cluster up`, which may stay up from here on")
    if plan.cluster and number == plan.cluster[1]:
        work.append("`./lab cluster down`")
    if number == 0:
        return [*FIRST, *work]
    if number == len(plan.days) - 1:
        return [*work, LAST]
    return [*(work or [AGAIN]), *([f"`./lab mock --minutes {MOCK}`"] * day.mock)]


def _link(topic: str, seen: set[str]) -> str:
    """A topic's name; the first time a link."""
    if topic in seen:
        return topic
    seen.add(topic)
    return f"[{topic}](questions/{topic}.md)"
