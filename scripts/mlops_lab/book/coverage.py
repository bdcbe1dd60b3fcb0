"""The page of what the questions cover: topics and labs, and the targets of an interview."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from pydantic import Field

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import INTERVIEW
from mlops_lab.core.schema import Strict, load
from mlops_lab.interview import bank, choice
from mlops_lab.interview.bank import Entry
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec

FILE = INTERVIEW / "coverage" / "targets.yml"
TITLE = "What is covered"
HEAD = f"""\
# {TITLE}

{{questions}} questions, {{proven}} of them with evidence in a lab; the others name the source that
was read. You can take all of them along [as a deck for Anki](#anki).

## Topics and labs

How many of a topic's questions each lab proves.

"""
BY_LEVEL = """\
## By level

A junior is asked what it is, a senior what to do when it breaks.

"""
TARGETS = """\
## Targets of an interview

Tool by tool and task by task, what you will be asked, and the labs in which you do it. Where there
is no lab yet, the answers stand on sources.

"""
ANKI = """\
(anki)=
## As a deck for Anki

<a href="{file}" download>{file}</a> has a card for each question, with the answer, the points to
tick off, the trap and what is asked next; a deck for each topic, and tags for level, topic and lab.
Open it with [Anki](https://apps.ankiweb.net) on a computer, or send it to your phone; `./lab anki`
writes it as well. Import a newer one over it: cards that changed are updated, new ones come, and
what you have learned stays.
"""


class Target(Strict):
    """Something that one is asked about, and where: topics, questions, words; labs, or none yet."""

    group: str
    target: str
    topics: list[str] = Field(default_factory=list)
    questions: list[str] = Field(default_factory=list)
    words: list[str] = Field(default_factory=list)
    labs: list[str]


@cache
def targets(file: Path = FILE) -> tuple[Target, ...]:
    """The targets of the file, checked.

    Raises:
        LabError: one names something that there is not, or has no question.
    """
    found = load(list[Target], file.read_text(encoding="utf-8"), file.name)
    topics, ids = ({t.topic for t in bank.topics()}, {entry.id for entry in bank.entries()})
    for one in found:
        named = (one.topics, topics), (one.questions, ids), (one.labs, catalog.stems())
        if unknown := [name for names, known in named for name in names if name not in known]:
            raise LabError(f"{file.name}: {one.target}: there is no {', '.join(unknown)}")
        if not asked(one):
            raise LabError(f"{file.name}: {one.target}: no question")
    return tuple(found)


def asked(target: Target) -> list[Entry]:
    """The target's questions, in the order of the book."""
    words = [re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])") for word in target.words]
    return [
        entry
        for topic in choice.in_order()
        for entry in topic.questions
        if topic.topic in target.topics
        or entry.id in target.questions
        or any(word.search(" ".join([entry.question, *entry.key_points])) for word in words)
    ]


def page(specs: Sequence[Spec], deck: str) -> str:
    """The page; `deck` is the file of the deck for Anki beside it."""
    entries = bank.entries()
    proven = sum(bool(bank.cells(entry)) for entry in entries)
    head = HEAD.format(questions=len(entries), proven=proven)
    tail = TARGETS + _targets(specs) + ANKI.format(file=deck)
    return head + matrix(specs) + "\n" + BY_LEVEL + levels() + tail


def matrix(specs: Sequence[Spec]) -> str:
    """A row a topic, a column a lab."""
    labs = [f"[{spec.number}](../notebooks/{spec.stem}.ipynb)" for spec in specs]
    rows = [["Topic", *labs], ["---", *(["--:"] * len(labs))]]
    for topic in choice.in_order():
        found = bank.proofs(topic)
        cells = [_cell(spec.number, found[spec.stem]) for spec in specs]
        rows.append([f"[{topic.topic}](questions/{topic.topic}.md)", *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(number: str, count: int) -> str:
    """A number with the lab's own, which is shown where the head of the table is not."""
    return f'<span class="of">{number}: </span>{count}' if count else ""


def levels() -> str:
    """The questions of each level, by topic."""
    return "".join(f"{_level(level)}\n\n" for level in choice.LEVELS)


def _level(level: str) -> str:
    parts, count = [], 0
    for topic in choice.in_order():
        if found := [entry for entry in topic.questions if entry.level == level]:
            count += len(found)
            parts.append(f"**{topic.title}**\n\n{_links(found)}")
    body = "\n\n".join(parts)
    return f"::::{{dropdown}} {level.capitalize()}: {count} questions\n\n{body}\n::::"


def _links(entries: Sequence[Entry]) -> str:
    return "\n".join(f"- [{_escaped(entry.question)}](#q-{entry.id})" for entry in entries)


def _targets(specs: Sequence[Spec]) -> str:
    names = {spec.stem: f"[{spec.name}](../notebooks/{spec.stem}.ipynb)" for spec in specs}
    blocks = []
    for group, found in groupby(targets(), key=lambda one: one.group):
        blocks += [f"### {group}", *(_target(one, names) for one in found)]
    return "\n\n".join(blocks) + "\n\n"


def _target(target: Target, names: Mapping[str, str]) -> str:
    entries = asked(target)
    labs = [names[stem] for stem in target.labs]
    numbers = ", ".join(stem.partition("-")[0] for stem in target.labs)
    where = f"lab{'s' * (len(labs) > 1)} {numbers}" if labs else "no lab yet"
    count = f"{len(entries)} question{'s' * (len(entries) > 1)}"
    body = "\n\n".join(
        [f"Labs: {'; '.join(labs)}" if labs else "There is no lab yet.", _links(entries)]
    )
    return f"::::{{dropdown}} {target.target}: {count}, {where}\n\n{body}\n::::"


def _escaped(question: str) -> str:
    return " ".join(question.split()).replace("[", r"\[").replace("]", r"\]")
