"""What an interview showed: a report as Markdown and HTML, and a plot of all of them."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from mlops_lab.core.files import publish
from mlops_lab.interview.bank import cells
from mlops_lab.interview.mock import sitting as sittings
from mlops_lab.interview.mock.sitting import GOOD, Answer, Sitting

WIDTH = 30  # of a bar of the plot, in characters


def report(sitting: Sitting) -> str:
    """The report as Markdown."""
    parts = dict.fromkeys(answer.part for answer in sitting.answers)
    rows = [_row(part, [a for a in sitting.answers if a.part == part]) for part in parts]
    good = [a for a in sitting.answers if a.score >= GOOD]
    weak = [a for a in sitting.answers if a.score < GOOD]
    blocks = [
        f"# Mock interview of {sitting.begun[:10]}",
        f"{sitting.role}, {sitting.level}: {sitting.score:.0%} in {sitting.seconds / 60:.0f} of "
        f"{sitting.minutes} minutes.",
        "\n".join(["| Part | Questions | Score |", "|---|--:|--:|", *rows]),
        "## Strong",
        _list(map(_strong, good)),
        "## Weak, and what was missing",
        _list(_missing(answer) for answer in weak),
        "## Run and read",
        _list(_labs(weak)),
    ]
    return "\n\n".join(blocks) + "\n"


def _row(part: str, answers: Sequence[Answer]) -> str:
    score = sum(answer.score for answer in answers) / len(answers)
    return f"| {part} | {len(answers)} | {score:.0%} |"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "Nothing."


def _strong(answer: Answer) -> str:
    """What was asked, and the first question of its chain that was too deep."""
    entry = sittings.entry(answer.id)
    if entry is None:
        return answer.id
    too_deep = entry.chain[answer.deep :] if answer.deep else []
    further = "".join(f"\n  - {one.question}" for one in too_deep[:1])
    return f"{entry.question} ({answer.score:.0%}){further}"


def _missing(answer: Answer) -> str:
    entry = sittings.entry(answer.id)
    if entry is None:
        return answer.id
    points = [p for n, p in enumerate(entry.key_points, 1) if n not in answer.said]
    missing = "".join(f"\n  - {point}" for point in points)
    further = "" if answer.followed else f"\n  - {entry.follow_ups[answer.follow_up].question}"
    return f"{entry.question} ({answer.score:.0%}, {answer.seconds:.0f} s){missing}{further}"


def _labs(weak: Iterable[Answer]) -> list[str]:
    """The labs that prove the weak answers, those with most of them first."""
    found: dict[str, int] = {}
    for answer in weak:
        entry = sittings.entry(answer.id)
        for lab in {cell.lab for cell in cells(entry)} if entry else ():
            found[lab] = found.get(lab, 0) + 1
    most = sorted(found, key=lambda lab: (-found[lab], lab))
    return [f"`./lab open {lab.partition('-')[0]}`: {found[lab]} of these" for lab in most]


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
