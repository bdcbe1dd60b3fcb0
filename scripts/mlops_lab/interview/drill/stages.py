"""What is revealed of a question, one thing after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from mlops_lab.interview.bank import Cell, Entry, FollowUp


@dataclass(frozen=True)
class Stage:
    """One thing to reveal. `name` is what the key before it offers; `ask` is a question, to which
    the stage behind it is the answer; `context` is what has to be seen with it."""

    name: str
    blocks: Sequence[RenderableType]
    context: Sequence[RenderableType] = ()
    graded: bool = True
    ask: bool = False


def heading(text: str) -> Text:
    """A heading that needs no color, for NO_COLOR and for either background."""
    return Text(text, "bold underline")


def stages(entry: Entry) -> Iterator[Stage]:
    """The answer, the rubric, the trap, and what is asked further."""
    yield Stage("the answer", [_markdown(entry.answer)], graded=False)
    points = "\n".join(f"{n}. {point}" for n, point in enumerate(entry.key_points, 1))
    yield Stage("the points", [heading("Did you say"), _markdown(points)])
    trap = f"{entry.trap.said}\n\n{entry.trap.why}"
    yield Stage("the trap", [heading("The trap"), _markdown(trap)])
    yield from _further("Then they ask", entry.follow_ups)
    yield from _further("And deeper", entry.chain)


def _further(name: str, asked: Sequence[FollowUp]) -> Iterator[Stage]:
    for n, one in enumerate(asked, 1):
        question = [heading(f"{name} ({n} of {len(asked)})"), _markdown(f"**{one.question}**")]
        yield Stage("what they ask then" if n == 1 else "the next one", question, ask=True)
        yield Stage("the answer", [_markdown(one.answer)], context=question)


def evidence(entry: Entry) -> Iterable[RenderableType]:
    """Where the answer can be looked up, a place a line, so that it can be copied."""
    yield heading("Evidence")
    for one in entry.evidence:
        if isinstance(one, Cell):
            number = one.lab.partition("-")[0]
            yield f"lab {one.lab}, cell {one.cell}: ./lab open {number}"
        else:
            yield str(one.url)
            yield Text(f"  read: {one.read}", "dim")


def _markdown(text: str) -> RenderableType:
    # Loaded while the person thinks, since it takes as long as all else that the drill needs.
    from rich.markdown import Markdown

    return Markdown(text)
