"""The plan for two weeks: made of the labs' measured times and the drill's own limits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mlops_lab.book import notebooks
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import BOOK
from mlops_lab.interview import NEW, SESSION, bank
from mlops_lab.interview.bank import Topic
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec

DAYS, MINUTES = 14, 165  # in all, and the most of one day
WORDS, QUESTION = 200, 2  # words that take a minute; minutes that a question takes

TITLE = "A plan for two weeks"
HEAD = f"""\
# {TITLE}

Made from the labs' own figures. A lab takes its measured time, a minute for each code cell and a
minute for every {WORDS} words. A question takes {QUESTION} minutes: say the answer, open it, tick
off. No day is longer than {MINUTES} minutes.

Drill first: `./lab drill --new 0` asks what is due. Then the day's new questions, at most {NEW},
as in `./lab drill --topic dvc --new 5`. Of
each topic it is the same share, as large as two weeks have room for. With what is due they are at
most {SESSION}; the minutes count on as many as you can have met by then, and on a day without a lab
on the drill alone. [How to drill](how-to-drill.md) says how to grade yourself.

| Day | Read and run | New questions | Min. |
|--:|---|---|--:|
"""
# What one reads on the first day, before all labs run once.
READ = ("path", "primer-shell-git", "primer-kubernetes", "primer-aws", "how-to-drill")
FIRST = "; ".join([*(f"[]({name}.md)" for name in READ), "`./lab run`, which sets everything up"])
AGAIN = (
    "Draw [the path](path.md) from memory and say each stop aloud. "
    "`./lab open` a lab: change a cell, guess the output, run it"
)
LAST = "Nothing new. Skim the [glossary](glossary.md) for words that you would stumble over"


@dataclass
class Day:
    """What one day has: labs, and how many new questions by topic."""

    labs: list[Spec] = field(default_factory=list)
    new: dict[str, int] = field(default_factory=dict)
    minutes: float = 0


def days(specs: Sequence[Spec]) -> list[Day]:
    """Each lab as soon as a day has room for it, each topic in its turn once its labs are done.

    Of each topic as large a share as the days have room for, the same of all.

    Raises:
        LabError: there are more labs than the days have room for.
    """
    for percent in range(100, 0, -1):
        shares = ((t.topic, len(t.questions) * percent // 100) for t in topics())
        if found := _days(specs, {topic: share for topic, share in shares if share}):
            return found
    raise LabError(f"the plan: {DAYS} days have no room for {[s.stem for s in specs]}")


def _days(specs: Sequence[Spec], left: dict[str, int]) -> list[Day]:
    """The days, or none if there is more than they have room for."""
    labs, asked = list(specs), 0
    read = sum(len((BOOK / f"{name}.md").read_text(encoding="utf-8").split()) for name in READ)
    found = [Day(minutes=read / WORDS + sum(spec.seconds for spec in specs) / 60)]
    while len(found) < DAYS - 1:
        day, room = Day(), MINUTES - SESSION * QUESTION
        while labs and sum(map(minutes, [*day.labs, labs[0]])) <= room:
            day.labs.append(labs.pop(0))
        day.new = _new(left, {topic_of(lab.stem) for lab in labs})
        asked += sum(day.new.values())
        day.minutes = sum(map(minutes, day.labs)) + min(SESSION, asked) * QUESTION
        found.append(day)
    return [] if labs or left else [*found, Day(minutes=SESSION * QUESTION)]


def _new(left: dict[str, int], closed: set[str]) -> dict[str, int]:
    """Take a day's new questions from what is left, up to the first topic that is still closed."""
    found: dict[str, int] = {}
    for topic in list(left):
        taken = min(left[topic], NEW - sum(found.values()))
        if topic in closed or not taken:
            break
        found[topic] = taken
        left[topic] -= taken
        if not left[topic]:
            del left[topic]
    return found


def topics() -> list[Topic]:
    """The topics in the order of the book."""
    known = {topic.topic: topic for topic in bank.topics()}
    return [known[Path(file).name] for file in catalog.files("book/questions/")]


@cache
def topic_of(stem: str) -> str:
    """The topic that has most of its evidence in a lab."""
    found = Counter(t.topic for t in topics() for e in t.questions for c in bank.cells(e)
                    if c.lab == stem)  # fmt: skip
    return found.most_common(1)[0][0]


def minutes(spec: Spec) -> float:
    """How long a lab takes to read and to run, cell by cell."""
    words, code = _written(spec.path)
    return spec.seconds / 60 + words / WORDS + code


@cache  # a plan is tried with a hundred shares
def _written(path: Path) -> tuple[int, int]:
    """The words of a notebook's text, and the number of its code cells."""
    cells = notebooks.read(path).cells
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    return words, sum(c.cell_type == "code" for c in cells)


def page(specs: Sequence[Spec]) -> str:
    """The plan as a page: a row a day."""
    plan, seen = days(specs), set[str]()
    with_cluster = [n for n, day in enumerate(plan) if any(lab.cluster for lab in day.labs)]
    rows = []
    for number, day in enumerate(plan):
        work = [f"[{lab.name}](../notebooks/{lab.stem}.ipynb)" for lab in day.labs]
        if number in with_cluster[:1]:
            work.insert(0, "`./lab cluster up`, which may stay up from here on")
        if number in with_cluster[-1:]:
            work.append("`./lab cluster down`")
        work = work or [{0: FIRST, len(plan) - 1: LAST}.get(number, AGAIN)]
        new = [f"{_link(topic, seen)}: {count}" for topic, count in day.new.items()]
        cells = [str(number + 1), "; ".join(work), ", ".join(new), f"{day.minutes:.0f}"]
        rows.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(rows) + "\n"


def _link(topic: str, seen: set[str]) -> str:
    """A topic's name; the first time a link."""
    if topic in seen:
        return topic
    seen.add(topic)
    return f"[{topic}](questions/{topic}.md)"
