"""The interview in the terminal: ask, listen, tick off the points, ask further."""

import time
from collections.abc import Callable, Sequence
from itertools import takewhile

from rich.console import Console
from rich.markdown import Markdown

from mlops_lab.core.errors import Interrupted
from mlops_lab.interview import choice
from mlops_lab.interview.bank import Entry, FollowUp, spoken
from mlops_lab.interview.mock import sitting as sittings
from mlops_lab.interview.mock.sitting import GOOD, Answer, Sitting

Clock = Callable[[], float]
HELP = "Answer aloud, as in an interview. Ctrl-D pauses: ./lab mock goes on where you were."


class Paused(Exception):
    """The person has enough for now."""


def ask(
    console: Console, sitting: Sitting, *, interviewer: bool, clock: Clock = time.monotonic
) -> Sitting:
    """Ask what is open, and note each answer at once.

    Raises:
        Paused: before the end; what was answered is kept.
    """
    console.print(HELP, style="dim")
    while sitting.open and sitting.seconds < 60 * sitting.minutes:
        (part, name), *rest = sitting.open
        began = clock()
        answered = sitting.answers
        if entry := choice.find(name):  # a question may have gone since the last pause
            left = max(0, round(sitting.minutes - sitting.seconds / 60))
            console.rule(f"{part} · {len(sitting.open)} to go · {left} min left", style="dim")
            try:
                answer = _question(console, entry, part, interviewer, clock)
            except (EOFError, Interrupted):
                raise Paused from None
            answered = [*answered, answer]
        spent = sitting.seconds + clock() - began
        sitting = sitting.model_copy(update={"open": rest, "answers": answered, "seconds": spent})
        sittings.write(sittings.current(), sitting)
    if sitting.open:
        console.print(f"time is up; {len(sitting.open)} questions were not asked", style="dim")
    return sitting


def _question(console: Console, entry: Entry, part: str, interviewer: bool, clock: Clock) -> Answer:
    console.print()
    console.print(Markdown(f"**{entry.question}**"))
    if interviewer:
        console.print(Markdown(_points(entry)))
        console.print(Markdown(f"*The trap:* {entry.trap.said}"), style="dim")
    began = clock()
    console.input("[dim]Enter when it is answered [/]")
    seconds = clock() - began
    console.print(spoken(seconds), style="dim")
    if not interviewer:
        console.print(Markdown(_points(entry)))
    said = _ticked(console, len(entry.key_points))
    good = len(said) >= GOOD * len(entry.key_points)
    number = len(entry.follow_ups) - 1 if good else 0
    followed = _follow(console, entry.follow_ups[number])
    deep = _deeper(console, entry.chain) if good and followed else 0
    if not interviewer:
        console.print(Markdown(f"*The trap:* {entry.trap.said} {entry.trap.why}"), style="dim")
    return Answer(
        id=entry.id,
        part=part,
        seconds=seconds,
        said=said,
        points=len(entry.key_points),
        follow_up=number,
        followed=followed,
        deep=deep,
    )


def _points(entry: Entry) -> str:
    return "\n".join(f"{n}. {point}" for n, point in enumerate(entry.key_points, 1))


def _ticked(console: Console, most: int) -> list[int]:
    """The numbers of the points that were said."""
    while True:
        text = console.input("[dim]which were said? 1 3 4, all or none [/]").strip()
        words = text.replace(",", " ").split()
        if text in ("all", "none"):
            return list(range(1, most + 1)) if text == "all" else []
        if words and all(word.isdigit() and 1 <= int(word) <= most for word in words):
            return sorted({int(word) for word in words})
        console.print(f"numbers from 1 to {most}, all or none", style="dim")


def _deeper(console: Console, chain: Sequence[FollowUp]) -> int:
    """Ask one behind the other for as long as the answers are good; how many were."""
    return sum(1 for _ in takewhile(lambda further: _follow(console, further), chain))


def _follow(console: Console, follow: FollowUp) -> bool:
    """Ask further; whether the answer was good."""
    console.print()
    console.print(Markdown(f"**{follow.question}**"))
    console.input("[dim]Enter when it is answered [/]")
    console.print(Markdown(follow.answer))
    while True:
        text = console.input("[dim]was that said? y or n [/]").strip().lower()
        if text in ("y", "n"):
            return text == "y"
