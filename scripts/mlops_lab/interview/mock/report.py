"""What an interview showed: a report as Markdown and HTML, and a plot of all of them."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from mlops_lab.core.files import publish
from mlops_lab.interview import choice
from mlops_lab.interview.bank import Entry, labs
from mlops_lab.interview.mock.sitting import GOOD, Answer, Sitting

WIDTH = 30  # of a bar of the plot, in characters


def report(sitting: Sitting) -> str:
    """The report as Markdown."""
    parts = dict.fromkeys(answer.part for answer in sitting.answers)
    rows = [_row(part, [a for a in sitting.answers if a.part == part]) for part in parts]
    good = [a for a in sitting.answers if a.score >= GOOD]
    weak = [a for a in sitting.answers if a.score < GOOD]
    again = [entry for answer in weak if (entry := choice.find(answer.id))]
    blocks = [
        f"# Mock interview of {sitting.begun[:10]}",
        f"{sitting.role}, {sitting.level}: {sitting.score:.0%} in {sitting.seconds / 60:.0f} of "
        f"{sitting.minutes} minutes.",
        "\n".join(["| Part | Questions | Score |", "|---|--:|--:|", *rows]),
        "## Strong",
        _list(map(_strong, good)),
        "## Weak, and what was missing",
        _list(_missing(answer) for answer in weak),
        "## Run and drill",
        _list([*_labs(again), *_topics(again)]),
    ]
    return "\n\n".join(blocks) + "\n"


def _row(part: str, answers: Sequence[Answer]) -> str:
    score = sum(answer.score for answer in answers) / len(answers)
    return f"| {part} | {len(answers)} | {score:.0%} |"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "Nothing."


def _strong(answer: Answer) -> str:
    """What was asked, and the first question of its chain that was too deep."""
    entry = choice.find(answer.id)
    if entry is None:
        return answer.id
    too_deep = entry.chain[answer.deep :] if answer.deep else []
    further = "".join(f"\n  - {one.question}" for one in too_deep[:1])
    return f"{entry.question} ({answer.score:.0%}){further}"


def _missing(answer: Answer) -> str:
    entry = choice.find(answer.id)
    if entry is None:
        return answer.id
    points = [p for n, p in enumerate(entry.key_points, 1) if n not in answer.said]
    missing = "".join(f"\n  - {point}" for point in points)
    # The bank may have fewer of them than on the day of the answer.
    follow = [] if answer.followed else entry.follow_ups[answer.follow_up :][:1]
    further = "".join(f"\n  - and to this: {one.question}" for one in follow)
    return f"{entry.question} ({answer.score:.0%}, {answer.seconds:.0f} s){missing}{further}"


def _labs(entries: Iterable[Entry]) -> list[str]:
    """The labs that prove these questions, those with most of them first."""
    found = Counter(lab for entry in entries for lab in labs(entry))
    return [f"`./lab open {lab.partition('-')[0]}`: {n} of these" for lab, n in _most(found)]


def _topics(entries: Iterable[Entry]) -> list[str]:
    """The topics of these questions, likewise."""
    owner = choice.owners()
    found = Counter(owner[entry.id] for entry in entries)
    return [f"`./lab drill --topic {topic}`: {n} of these" for topic, n in _most(found)]


def _most(found: Counter[str]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def write(sitting: Sitting, path: Path) -> list[Path]:
    """The report beside the interview's file, as Markdown and as a page."""
    text = report(sitting)
    files = [path.with_suffix(".md"), path.with_suffix(".html")]
    console = Console(record=True, file=io.StringIO(), width=100)
    console.print(Markdown(text))
    publish(files[0], text)
    publish(files[1], console.export_html())
    return files


def plot(sittings_: Iterable[Sitting]) -> str:
    """A bar for each interview."""
    return "\n".join(
        f"{one.begun[:10]}  {one.level:6}  {one.minutes:2} min  "
        f"{'█' * round(one.score * WIDTH):{WIDTH}} {one.score:4.0%}"
        for one in sittings_
    )
