"""A session: which question is next, and what becomes of those that were not known."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fsrs import Rating

from mlops_lab.interview.bank import Entry
from mlops_lab.interview.deck import Deck

GAP = 3  # other questions, at least, before one that was not known comes back


@dataclass(frozen=True)
class Back:
    """A question that comes back: once it is due again and `turn` questions were asked."""

    entry: Entry
    due: datetime
    turn: int


@dataclass(frozen=True)
class Given:
    """A grade of this session, which can be taken back."""

    entry: Entry
    rating: Rating
    number: int


@dataclass
class Session:
    """What is to come and what was done."""

    deck: Deck
    queue: list[Entry]
    back: list[Back] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    turn: int = 0

    @property
    def left(self) -> int:
        """Questions to go."""
        return len(self.queue) + len(self.back)

    def next(self, now: datetime) -> Entry:
        """Take the next one out: one that comes back, if it is time or nothing else is left."""
        self.turn += 1
        ready = [b for b in self.back if b.due <= now and b.turn < self.turn]
        if self.queue and not ready:
            return self.queue.pop(0)
        first = min(ready or self.back, key=lambda b: b.due)
        self.back.remove(first)
        return first.entry

    def grade(self, entry: Entry, rating: Rating, now: datetime, spent: int) -> timedelta:
        """Keep a grade; returns how long it is until the question is due again."""
        graded = self.deck.grade(entry, rating, now, spent)
        self.given.append(Given(entry, rating, graded.number))
        if rating == Rating.Again:
            self.back.append(Back(entry, graded.due, self.turn + GAP))
        return graded.due - now

    def undo(self, current: Entry | None) -> Entry | None:
        """Take the last grade back and ask its question next, then the current one."""
        if not self.given:
            last = None
        else:
            last = self.given.pop()
            self.deck.undo(last.number)
            self.back = [b for b in self.back if b.entry.id != last.entry.id]
        ahead = [last.entry] if last else []
        if current and current not in ahead:
            ahead.append(current)
        self.queue = [*ahead, *(e for e in self.queue if e not in ahead)]
        return last.entry if last else None

    def summary(self) -> str:
        """What was done, in one line."""
        counts = Counter(given.rating for given in self.given)
        parts = ", ".join(f"{n} {r.name.lower()}" for r, n in sorted(counts.items()))
        return f"{len(self.given)} graded: {parts}" if parts else "nothing graded"


def begin(deck: Deck, entries: list[Entry], limit: int, new: int) -> Session:
    """What is due, the most overdue first; then unseen questions in the order given."""
    queue = deck.due(entries, datetime.now(UTC))[:limit]
    return Session(deck, queue + deck.unseen(entries)[: min(new, limit - len(queue))])
