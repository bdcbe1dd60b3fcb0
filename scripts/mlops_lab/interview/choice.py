"""Questions by what they are known by: topic, level and lab, in the order of the book; and id."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import get_args

from mlops_lab.core.errors import Usage
from mlops_lab.core.text import nearest
from mlops_lab.core.toc import files
from mlops_lab.interview import Level, bank, parsed
from mlops_lab.interview.bank import Entry, Topic

LEVELS: tuple[str, ...] = get_args(Level)


def in_order() -> list[Topic]:
    """The topics in the order of the book, and behind them those that have no page."""
    known = {topic.topic: topic for topic in parsed.topics()}
    paged = [Path(file).name for file in files("book/questions/")]
    return [known[name] for name in dict.fromkeys([*paged, *known]) if name in known]


def topics(names: Sequence[str] = ()) -> list[Topic]:
    """The named topics in the order of the names, or all.

    Raises:
        Usage: there is no such topic; the nearest are in the message.
    """
    known = {topic.topic: topic for topic in in_order()}
    for name in names:
        if name not in known:
            raise Usage(f"no such topic: {name}{nearest(name, known)}")
    return [known[name] for name in dict.fromkeys(names or known)]


def select(
    names: Sequence[str] = (), levels: Collection[str] = (), labs: Collection[str] = ()
) -> list[Entry]:
    """The questions of these topics, levels and labs; what is left out asks for nothing.

    Raises:
        Usage: there is no such topic, level or lab; the nearest are in the message.
    """
    for level in levels:
        if level not in LEVELS:
            raise Usage(f"no such level: {level}{nearest(level, LEVELS)}")
    stems = _stems(labs)
    return [
        entry
        for topic in topics(names)
        for entry in topic.questions
        if (not levels or entry.level in levels)
        and (not labs or not stems.isdisjoint(bank.labs(entry)))
    ]


def _stems(labs: Collection[str]) -> set[str]:
    """The labs that are named by number or stem."""
    known = {lab for entry in parsed.entries() for lab in bank.labs(entry)}
    numbers = {stem.partition("-")[0] for stem in known}
    found: set[str] = set()
    for name in labs:
        hits = {stem for stem in known if name in (stem, stem.partition("-")[0])}
        if not hits:
            alike = nearest(name, numbers if name[:1].isdigit() and "-" not in name else known)
            raise Usage(f"no lab with questions: {name}{alike}")
        found |= hits
    return found


def find(name: str) -> Entry | None:
    """A question by its id or by one that it had before; none if the bank no longer has it."""
    return next((one for one in parsed.entries() if name in (one.id, *one.was)), None)


def owners() -> dict[str, str]:
    """The topic of each question, by its id."""
    return {entry.id: topic.topic for topic in parsed.topics() for entry in topic.questions}


def renamed() -> dict[str, str]:
    """Today's ids of questions by those that they had before."""
    return {old: entry.id for entry in parsed.entries() for old in entry.was}
