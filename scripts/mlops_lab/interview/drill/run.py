"""`lab drill`: a session from its first question to what is said at its end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from fsrs import Rating
from rich.console import Console
from rich.text import Text

from mlops_lab.interview import choice
from mlops_lab.interview.bank import Entry
from mlops_lab.interview.deck import Deck, open_deck
from mlops_lab.interview.drill import session as sessions
from mlops_lab.interview.drill.card import GRADES, Play
from mlops_lab.interview.drill.keys import Keys, keys
from mlops_lab.interview.drill.screen import Screen
from mlops_lab.interview.drill.session import Session


def drill(
    topics: Sequence[str], levels: Sequence[str], labs: Sequence[str], *, limit: int, new: int
) -> None:
    """Ask what is due, then up to `new` unseen questions, `limit` in all."""
    console = Console(highlight=False)
    entries = choice.select(topics, levels, labs)
    with open_deck() as deck:
        deck.adopt(choice.renamed())
        session = sessions.begin(deck, entries, limit, new)
        if not session.queue:
            console.print(_nothing(deck, entries))
            return
        try:
            with keys() as pressed:
                _play(Screen(console, live=pressed.single), pressed, session)
        except EOFError:
            pass
        finally:  # a signal goes on from here, and has the last word
            console.print(session.summary())


def _play(screen: Screen, pressed: Keys, session: Session) -> None:
    said = ""
    while session.left or _one_more(screen, pressed, session, said):
        entry = session.next(_now())
        place = f"{session.left + 1} to go · {entry.level} · {entry.id}"
        done = Play(screen, pressed, entry).play(place, said)
        said = ""
        if done.action == "q":
            return
        if done.action == "u":
            taken = session.undo(entry)
            said = "the grade is taken back" if taken else "no grade of this session to take back"
        elif done.action in GRADES:
            rating = GRADES[done.action]
            due = session.grade(entry, rating, _now(), done.spent)
            again = rating == Rating.Again
            when = "comes back in this session" if again else f"due again in {span(due)}"
            said = f"{entry.id}: {rating.name.lower()}, {when} · u takes it back"


def _one_more(screen: Screen, pressed: Keys, session: Session, said: str) -> bool:
    """Whether the last grade was a mistake, which no other question is left to say at."""
    if not session.given:
        return False
    screen.begin(Text(said, "dim"))
    screen.prompt(Text("that was the last one · u undo · any other key ends", "dim"))
    try:
        return pressed.key() == "u" and session.undo(None) is not None
    finally:
        screen.answered()


def _nothing(deck: Deck, entries: list[Entry]) -> str:
    dues = deck.dues(entries)
    if not dues:
        return "nothing is due" if entries else "no questions"
    return f"nothing is due; the next question is in {span(dues[0] - _now())}"


def span(delta: timedelta) -> str:
    """A time for people, in one unit."""
    minutes = max(1, round(delta / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    # In minutes: a day that lacks a millisecond, by which times are cut off, is a day.
    days = round(minutes / (24 * 60))
    return f"{days} day{'s' * (days != 1)}" if minutes >= 24 * 60 else f"{round(minutes / 60)} h"


def _now() -> datetime:
    return datetime.now(UTC)
