"""The question bank: labs/interview/<topic>.yml, checked as it is read."""

from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import Field, HttpUrl, StringConstraints

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import INTERVIEW
from mlops_lab.core.schema import Strict, load
from mlops_lab.interview import Level

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=15)]
SPOKEN = 90  # seconds that an answer may take
_QUOTES = '"“”'
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")]


class Cell(Strict):
    """Evidence that runs: a cell of a lab."""

    lab: str
    cell: str


class Source(Strict):
    """A primary source, for what no cell can show; `read` says which version or when."""

    url: HttpUrl
    read: str


class FollowUp(Strict):
    """What the interviewer asks next, and the answer."""

    question: Text
    answer: Text


# Why, how do you know, what breaks at a hundred times the load; or none.
Chain = tuple[()] | tuple[FollowUp, FollowUp, FollowUp]


class Trap(Strict):
    """The common wrong answer, and why it is wrong."""

    wrong: Text
    why: Text

    @property
    def said(self) -> str:
        """The wrong answer as somebody says it, on one line and in quotation marks."""
        return f"“{' '.join(self.wrong.split()).strip(_QUOTES)}”"


class Entry(Strict):
    """One question. `answer` is what a strong candidate says in 60 to 90 seconds; `key_points`
    is the rubric that a mock interview scores by. The follow-ups are asked side by side, those of
    the chain one after the other, each about the answer before it. `was` are the ids that the
    question had before, so that no deck loses its history."""

    id: Id
    level: Level
    question: Text
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=200)]
    key_points: Annotated[list[str], Field(min_length=3)]
    follow_ups: Annotated[list[FollowUp], Field(min_length=1)]
    trap: Trap
    chain: Chain = ()
    evidence: Annotated[list[Cell | Source], Field(min_length=1)]
    from_notes: bool = False
    was: list[Id] = Field(default_factory=list)


class Topic(Strict):
    """One file: a page of the book and a deck of the drill."""

    topic: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    about: Text
    questions: Annotated[list[Entry], Field(min_length=1)]


@cache
def topics(folder: Path = INTERVIEW) -> tuple[Topic, ...]:
    """Every topic, by file name.

    Raises:
        LabError: an entry is incomplete or an id is used twice; names the file and the field.
    """
    found = tuple(_topic(path) for path in sorted(folder.glob("*.yml")))
    seen: set[str] = set()
    for name in (name for topic in found for e in topic.questions for name in (e.id, *e.was)):
        if name in seen:
            raise LabError(f"question bank: the id {name} is used twice")
        seen.add(name)
    return found


def _topic(path: Path) -> Topic:
    topic = load(Topic, path.read_text(encoding="utf-8"), path.name)
    if topic.topic != path.stem:
        raise LabError(f"{path.name}: its topic is {topic.topic}, not the file's name")
    return topic


def entries() -> list[Entry]:
    """Every question of every topic."""
    return [entry for topic in topics() for entry in topic.questions]


def cells(entry: Entry) -> list[Cell]:
    """The entry's evidence that runs."""
    return [e for e in entry.evidence if isinstance(e, Cell)]


def labs(entry: Entry) -> list[str]:
    """The labs that prove the entry, each once."""
    return sorted({cell.lab for cell in cells(entry)})


def proofs(topic: Topic) -> Counter[str]:
    """How many of a topic's questions each lab proves."""
    return Counter(lab for entry in topic.questions for lab in labs(entry))


def for_lab(stem: str) -> list[Entry]:
    """The questions that the lab's cells are evidence for.

    Those that begin with one come first, and of them those of the topic that has most of them.
    """
    found = [[entry for entry in topic.questions if stem in labs(entry)] for topic in topics()]
    most_first = sorted(found, key=len, reverse=True)
    return sorted(chain.from_iterable(most_first), key=lambda one: cells(one)[0].lab != stem)


def spoken(seconds: float) -> str:
    """How long an answer took, and whether that is too long."""
    took = f"{seconds:.0f} s"
    return took if seconds <= SPOKEN else f"{took}, which is long: aim at {SPOKEN}"
