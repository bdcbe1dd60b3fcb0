"""Question pages, the collapsed answers of a lab, and what a lab's steps say of their questions."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from mlops_lab.book import notebooks
from mlops_lab.interview.bank import Cell, Entry, FollowUp, Source, Topic, cells, for_lab

LINES, COLUMNS = 6, 160  # of a quote
AGAIN = "asked-again"  # the class of a question that has its place on another page


def page(topic: Topic) -> str:
    """A topic's page: every question, its answer collapsed."""
    head = [f"# {topic.title}", topic.about]
    return "\n\n".join([*head, *(question(entry, named=True) for entry in topic.questions)]) + "\n"


def section(stem: str) -> str:
    """A lab's "In the interview" section."""
    intro = (
        "You can now answer these, and point at the cell that proves it. Say your answer aloud "
        "before you open one; `./lab drill` asks them again when you are about to forget."
    )
    return "\n\n".join(["## In the interview", intro, *(question(e) for e in for_lab(stem))])


def question(entry: Entry, *, named: bool = False) -> str:
    """One question as a dropdown; `named` where links should lead to it, which is once."""
    deeper = ["**And deeper, one after the other**", *_asked(entry.chain)] if entry.chain else []
    points = "\n".join(f"- {point}" for point in entry.key_points)
    body = "\n\n".join(
        [
            entry.answer,
            f"**What a listener ticks off**\n\n{points}",
            f"**The trap**\n\n> {entry.trap.said}\n\n{entry.trap.why}",
            "**Then they ask**",
            *_asked(entry.follow_ups),
            *deeper,
            "**Evidence**",
            *map(_evidence, entry.evidence),
        ]
    )
    option = f":name: q-{entry.id}" if named else f":class-container: {AGAIN}"
    return f"::::{{dropdown}} {entry.question}\n{option}\n\n_{entry.level}_\n\n{body}\n::::"


def _asked(further: Iterable[FollowUp]) -> list[str]:
    return [f"**{one.question}**\n\n{one.answer}" for one in further]


def label(cell: Cell) -> str:
    """The name of the place in the book where a cell stands."""
    return f"cell-{cell.lab}-{cell.cell}"


def name(cell: Cell) -> str:
    """What stands above a cell that is evidence: its name, to which links lead."""
    return f"({label(cell)})=\nCell `{cell.cell}`"


def asked(stem: str, steps: Iterable[str]) -> str:
    """Links to the questions that these cells of a lab are evidence for; empty without any."""
    here = {Cell(lab=stem, cell=step) for step in steps}
    found = [e for e in for_lab(stem) if here & set(cells(e))]
    links = "\n".join(f"- [{e.question}](#q-{e.id})" for e in found)
    return f"**You may be asked:**\n\n{links}" if found else ""


def _evidence(evidence: Cell | Source) -> str:
    if isinstance(evidence, Source):
        return f"[{evidence.url.host}: {evidence.read}]({evidence.url})"
    where = f"Lab {{ref}}`{evidence.lab}, cell “{evidence.cell}” <{label(evidence)}>`"
    how, lines = quote(evidence)
    return "\n".join([f"{where} {how}:", "", "~~~~text", *lines, "~~~~"])


def quote(cell: Cell) -> tuple[str, list[str]]:
    """What the cell said when it ran, or did if it said nothing; the first lines of it."""
    found = next(c for c in _lab(cell.lab) if c.id == cell.cell)
    if lines := list(filter(str.strip, _said(found.outputs).splitlines())):
        return "says", _short(lines)
    return "runs without a word", _short(found.source.removeprefix("%%bash\n").splitlines())


def _short(lines: list[str]) -> list[str]:
    shown = [f"{one[: COLUMNS - 1]}…" if len(one) > COLUMNS else one for one in lines]
    return shown if len(shown) <= LINES else [*shown[: LINES - 1], "…"]


def _said(outputs: Iterable[Any]) -> str:
    """What a cell printed; a stream comes in pieces, which may end within a line."""
    pieces = [_text(one) + "\n" * (one.output_type != "stream") for one in outputs]
    return "".join(pieces)


def _text(output: Any) -> str:
    data = output.get("data", {})
    return str(output.get("text") or data.get("text/markdown") or data.get("text/plain", ""))


@cache
def _lab(stem: str) -> list[Any]:
    return list(notebooks.read(notebooks.latest(stem)).cells)
