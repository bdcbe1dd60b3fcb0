"""`lab drill`: ask, reveal, grade, in the terminal."""

from datetime import UTC, datetime, timedelta

from fsrs import Rating
from rich.console import Console
from rich.markdown import Markdown

from mlops_lab.core.errors import Usage
from mlops_lab.core.text import nearest
from mlops_lab.interview.bank import Cell, Entry, Topic, topics
from mlops_lab.interview.deck import Deck, open_deck

GRADES = {"1": Rating.Again, "2": Rating.Hard, "3": Rating.Good, "4": Rating.Easy}
HELP = (
    "1 again: I did not know it · 2 hard: with gaps · 3 good: said it · 4 easy: at once\n"
    "u takes the last grade back · s skips · q or Ctrl-D ends; grades are kept as you give them"
)


def drill(topic: str | None, *, limit: int, new: int) -> None:
    """Ask what is due, then up to `new` unseen questions, `limit` in all."""
    console = Console()
    with open_deck() as deck:
        asked = _drill(console, deck, _entries(topic), limit, new)
    console.print(f"{asked} graded; come back tomorrow" if asked else "nothing graded")


def _drill(console: Console, deck: Deck, entries: list[Entry], limit: int, new: int) -> int:
    """Ask until nothing is left or the person has enough; returns how many were graded."""
    asked = 0
    try:
        queue = deck.due(entries, _now())[:limit]
        queue += deck.unseen(entries)[: min(new, limit - len(queue))]
        if not queue:
            console.print(_nothing(deck))
        elif console.is_terminal:
            console.print(HELP, style="dim")
        while queue:
            entry = queue.pop(0)
            console.rule(f"{len(queue) + 1} to go · {entry.level} · {entry.id}", style="dim")
            action = _ask(console, entry)
            if action == "q":
                break
            if action == "u":
                queue.insert(0, entry)
                if name := deck.undo():
                    queue.insert(0, next(e for e in _entries(None) if e.id == name))
                    asked -= 1
            elif action in GRADES:
                due = deck.grade(entry, GRADES[action], _now())
                asked += 1
                console.print(f"due again in {_span(due - _now())}", style="dim")
    except EOFError:
        console.print()
    return asked


def overview(topic: str | None) -> None:
    """Print per topic how much is due and how much is new."""
    console = Console()
    chosen = _topics(topic)
    width = max(len(one.topic) for one in chosen)
    with open_deck() as deck:
        for one in chosen:
            due, new = deck.due(one.questions, _now()), deck.unseen(one.questions)
            console.print(
                f"{one.topic:{width}} {len(due):3} due  {len(new):3} new  "
                f"of {len(one.questions):3}  {one.title}"
            )


def _ask(console: Console, entry: Entry) -> str:
    """Show a question, reveal its answer, and return a grade's key, ``u``, ``s`` or ``q``."""
    console.print(Markdown(f"**{entry.question}**"))
    first = console.input("[dim]say it aloud, then Enter (s skip, u undo, q quit) [/]").strip()
    if first in ("s", "u", "q"):
        return first
    console.print(Markdown(answer(entry)))
    while True:
        action = console.input("[dim]again 1, hard 2, good 3, easy 4 (? for help) [/]").strip()
        if action in GRADES or action in ("s", "u", "q"):
            return action
        console.print(HELP, style="dim")


def answer(entry: Entry) -> str:
    """All that an entry says after its question, as Markdown."""
    points = "\n".join(f"- {point}" for point in entry.key_points)
    follow = "\n\n".join(f"**{f.question}** {f.answer}" for f in entry.follow_ups)
    proof = "\n".join(
        f"- notebooks/{e.lab}.ipynb, cell {e.cell}" if isinstance(e, Cell) else f"- {e.url}"
        for e in entry.evidence
    )
    parts = {
        "": entry.answer,
        "Did you say": points,
        "The trap": f"> {entry.trap.said}\n\n{entry.trap.why}",
        "Then they ask": follow,
        "Evidence": proof,
    }
    return "\n\n".join(f"*{name}*\n\n{text}" if name else text for name, text in parts.items())


def _topics(topic: str | None) -> list[Topic]:
    known = {one.topic: one for one in topics()}
    if topic is not None and topic not in known:
        raise Usage(f"no such topic: {topic}{nearest(topic, known)}")
    return [known[topic]] if topic else list(known.values())


def _entries(topic: str | None) -> list[Entry]:
    return [entry for one in _topics(topic) for entry in one.questions]


def _nothing(deck: Deck) -> str:
    due = deck.next_due()
    return (
        f"nothing is due; the next question is in {_span(due - _now())}" if due else "no questions"
    )


def _span(delta: timedelta) -> str:
    if delta.days >= 1:
        return f"{delta.days} days"
    minutes = max(1, round(delta.total_seconds() / 60))
    return f"{minutes} minutes" if minutes < 60 else f"{round(minutes / 60)} hours"


def _now() -> datetime:
    return datetime.now(UTC)
