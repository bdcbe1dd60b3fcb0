"""The question bank as the drill's page has it: lists instead of names, and each text without the
breaks of its lines. What the first screen needs is apart from the texts.
"""

import re
from collections.abc import Iterable
from typing import Any

from mlops_lab.interview import choice
from mlops_lab.interview.bank import Cell, Entry, FollowUp, Source, Topic

PARAGRAPHS = re.compile(r"\n\s*\n")
BREAK = re.compile(r"\s*\n(?!- )\s*")  # none before a point of a list


def topics() -> list[Any]:
    """Every topic in the order of the book: its name, its title, and of each question its id, its
    level and its former ids.
    """
    return [_topic(topic) for topic in choice.in_order()]


def texts() -> list[Any]:
    """The texts of each question, in the same order."""
    return [_texts(entry) for topic in choice.in_order() for entry in topic.questions]


def _topic(topic: Topic) -> list[Any]:
    questions = [[entry.id, entry.level, *entry.was] for entry in topic.questions]
    return [topic.topic, topic.title, questions]


def _texts(entry: Entry) -> list[Any]:
    """The order of these is known to entries.js."""
    return [
        flowing(entry.question),
        flowing(entry.answer),
        [flowing(point) for point in entry.key_points],
        [entry.trap.said, flowing(entry.trap.why)],
        _asked(entry.follow_ups),
        _asked(entry.chain),
        [_evidence(one) for one in entry.evidence],
    ]


def _asked(further: Iterable[FollowUp]) -> list[list[str]]:
    return [[flowing(one.question), flowing(one.answer)] for one in further]


def _evidence(one: Cell | Source) -> list[str]:
    return [one.lab, one.cell] if isinstance(one, Cell) else [str(one.url), flowing(one.read)]


def flowing(text: str) -> str:
    """A text with one line a paragraph."""
    return "\n\n".join(BREAK.sub(" ", part.strip()) for part in PARAGRAPHS.split(text.strip()))
