"""What to do on each day up to an interview, by measured times and by the drill's limits."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mlops_lab.book import notebooks
from mlops_lab.core.paths import BOOK
from mlops_lab.interview import NEW, SESSION, bank, choice
from mlops_lab.interview.standing import Standing
from mlops_lab.lab.catalog import Spec

DAYS, MINUTES = 14, 165  # in all, and the most of one day
WORDS, QUESTION, MOCK = 200, 2, 30  # words that take a minute; minutes of a question, of a mock
SHARE = 0.25  # of a day that the drill may take
LEAST, STEP = 60, 15  # minutes of a day that are tried where none are given
# Days from which on the first one sets everything up; of so many without a lab one has a mock.
WEEK = 7

# What one reads on the first day, before all labs run once; and if time is short.
READ = ("path", "primer-shell-git", "primer-kubernetes", "primer-aws", "how-to-drill")
SHORT = ("path", "how-to-drill")


@dataclass(frozen=True)
class Frame:
    """How much time there is."""

    days: int = DAYS
    minutes: int = MINUTES

    @property
    def session(self) -> int:
        """The most questions of a day."""
        return min(SESSION, int(self.minutes * SHARE / QUESTION))

    @property
    def new(self) -> int:
        """The most new questions of a day."""
        return min(NEW, math.ceil(self.session / 2))

    @property
    def room(self) -> float:
        """The minutes of a day that labs may take."""
        return self.minutes - self.session * QUESTION

    @property
    def sets_up(self) -> bool:
        """Whether the first day is for reading and for running everything once."""
        return self.days >= WEEK


@dataclass(frozen=True)
class Part:
    """A lab, or as much of it as a day has room for."""

    lab: Spec
    number: int = 1
    of: int = 1

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return minutes(self.lab) / self.of

    @property
    def told(self) -> str:
        """Which part it is, if it is not the whole."""
        return "" if self.of == 1 else f" ({self.number} of {self.of})"


@dataclass(eq=False)  # a day is not another one that has as much
class Day:
    """What one day has: pages to read, labs, questions by topic, those of the drill, a mock."""

    read: tuple[str, ...] = ()
    labs: list[Part] = field(default_factory=list)
    new: dict[str, int] = field(default_factory=dict)
    drill: int = 0
    mock: bool = False
    minutes: float = 0


@dataclass
class Plan:
    """The days, and the labs for which they have no room, the best first."""

    frame: Frame
    days: list[Day]
    left_out: list[Spec]

    @property
    def cluster(self) -> tuple[int, int] | None:
        """The first and the last day that need a cluster, if there is time to bring one up."""
        found = [n for n, day in enumerate(self.days) if any(p.lab.cluster for p in day.labs)]
        return (found[0], found[-1]) if found and self.frame.sets_up else None


def make(specs: Sequence[Spec], frame: Frame, standings: Mapping[str, Standing]) -> Plan:
    """Each lab as soon as a day has room for it, each topic in its turn once its labs are done.

    If not all labs fit, those are left out whose minutes are worth least. Of the topics as many
    questions as the days have room for, more of those that are weak.
    """
    kept: list[Spec] = []
    ranked = sorted(specs, key=lambda spec: -value(spec, standings))
    for spec in ranked:
        tried = [one for one in specs if one in kept or one is spec]
        if _days(tried, [], frame, standings):
            kept = tried
    order = in_turn(standings)
    most = min(len(order), frame.days * frame.new)
    tries = (_days(kept, order[:count], frame, standings) for count in range(most, -1, -1))
    return Plan(frame, next(filter(None, tries)), [spec for spec in ranked if spec not in kept])


def enough(specs: Sequence[Spec], days: int, standings: Mapping[str, Standing]) -> Frame:
    """The frame of these days with the fewest minutes that have room for all, or with the most."""
    minutes = _fewest(specs, in_turn(standings), days, standings, range(LEAST, MINUTES, STEP))
    return Frame(days, minutes) if minutes else Frame(days)


def room(
    specs: Sequence[Spec], frame: Frame, standings: Mapping[str, Standing], most: int
) -> int | None:
    """How many minutes a day have room for all labs, if up to `most` there are so many."""
    return _fewest(specs, [], frame.days, standings, range(frame.minutes, most + 1, STEP))


def _fewest(
    specs: Sequence[Spec],
    questions: Sequence[str],
    days: int,
    standings: Mapping[str, Standing],
    tried: range,
) -> int | None:
    """The first of these minutes a day that have room for the labs and the questions."""
    fits = (m for m in tried if _days(specs, questions, Frame(days, m), standings))
    return next(fits, None)


def value(spec: Spec, standings: Mapping[str, Standing]) -> float:
    """What a minute of a lab is worth: the questions that it proves, those of weak topics more."""
    weights = (
        standings[topic.topic].weight * bank.proofs(topic)[spec.stem] for topic in choice.in_order()
    )
    return sum(weights) / minutes(spec)


def in_turn(standings: Mapping[str, Standing]) -> list[str]:
    """The topic of each open question, so that however many are taken from the front, each topic
    has its share: as many as it has open, times its weight. This is the method of Sainte-Laguë.
    """
    turns = [
        ((2 * n + 1) / (standing.open * standing.weight), place, topic)
        for place, (topic, standing) in enumerate(standings.items())
        for n in range(standing.open)
    ]
    return [topic for _, _, topic in sorted(turns)]


def _days(
    specs: Sequence[Spec], new: Sequence[str], frame: Frame, standings: Mapping[str, Standing]
) -> list[Day]:
    """The days, or none if there is more than they have room for."""
    labs = [part for spec in specs for part in _parts(spec, frame)]
    left = {topic: new.count(topic) for topic in standings if topic in new}
    asked = sum(standing.seen for standing in standings.values())
    days = [Day() for _ in range(frame.days)]
    days[0].read = READ if frame.sets_up else SHORT
    working = days[frame.sets_up : -1] or days
    for day in days:
        if day in working:
            _fill(day, labs, left, frame)
        asked += sum(day.new.values())
        day.drill = min(frame.session, asked)
    idle = [day for day in reversed(working) if not day.labs and not day.read] or days[-1:]
    for day in idle[::WEEK]:
        day.mock = _minutes(day) + MOCK <= frame.minutes
    for day in days:
        day.minutes = _minutes(day)
    if frame.sets_up:  # what runs by itself may take longer than the day
        ran = sum(spec.seconds for spec in specs) / 60
        days[0].minutes = min(frame.minutes, days[0].minutes + ran)
    return [] if labs or left else days


def _fill(day: Day, labs: list[Part], left: dict[str, int], frame: Frame) -> None:
    """Move to a day what it has room for: of little time, a shorter lab takes what is left."""
    room = frame.room - _reading(day.read) - (MOCK if frame.days == 1 else 0)
    for part in list(labs):
        in_turn = part is labs[0] or (part.number == 1 and not frame.sets_up)
        if in_turn and part.minutes <= room:
            day.labs.append(part)
            labs.remove(part)
            room -= part.minutes
    day.new = _new(left, {topic_of(part.lab.stem) for part in labs}, frame.new)


def _minutes(day: Day) -> float:
    labs = sum(part.minutes for part in day.labs)
    return _reading(day.read) + labs + day.drill * QUESTION + day.mock * MOCK


def _parts(spec: Spec, frame: Frame) -> list[Part]:
    """A lab in as many equal parts as it takes days."""
    count = math.ceil(minutes(spec) / frame.room)
    return [Part(spec, number, count) for number in range(1, count + 1)]


def _new(left: dict[str, int], closed: set[str], most: int) -> dict[str, int]:
    """Take a day's questions from what is left, of the first topics that are open."""
    found: dict[str, int] = {}
    for topic in [topic for topic in left if topic not in closed]:
        taken = min(left[topic], most - sum(found.values()))
        if not taken:
            break
        found[topic] = taken
        left[topic] -= taken
        if not left[topic]:
            del left[topic]
    return found


@cache
def topic_of(stem: str) -> str:
    """The topic of which a lab proves most questions."""
    return max(choice.in_order(), key=lambda topic: bank.proofs(topic)[stem]).topic


def minutes(spec: Spec) -> float:
    """How long a lab takes to read and to run, cell by cell."""
    words, code = _written(spec.path)
    return spec.seconds / 60 + words / WORDS + code


@cache  # a plan is tried many times
def _written(path: Path) -> tuple[int, int]:
    """The words of a notebook's text, and the number of its code cells."""
    cells = notebooks.read(path).cells
    words = sum(len(c.source.split()) for c in cells if c.cell_type == "markdown")
    return words, sum(c.cell_type == "code" for c in cells)


@cache
def _reading(names: tuple[str, ...]) -> float:
    """The minutes that pages of the book take."""
    texts = ((BOOK / f"{name}.md").read_text(encoding="utf-8") for name in names)
    return sum(len(text.split()) for text in texts) / WORDS
