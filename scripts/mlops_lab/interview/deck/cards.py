"""The cards of one person, and the log that they follow from."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsrs import Card, Rating

from mlops_lab.interview.bank import Entry
from mlops_lab.interview.deck import schedule, times
from mlops_lab.interview.deck.transactions import transaction


@dataclass(frozen=True)
class Graded:
    """A grade that was given: its number in the log, and when the question is due again."""

    number: int
    due: datetime


@dataclass(frozen=True)
class Review:
    """A line of the log. `spent` are milliseconds, if known."""

    id: str
    at: datetime
    rating: int
    spent: int | None = None


class Deck:
    """Every grade is a transaction: `kill -9` loses none before it, a second terminal neither."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.db = db
        self.path = path
        self._scheduler = schedule.scheduler()

    def due(self, entries: Iterable[Entry], now: datetime) -> list[Entry]:
        """The seen questions that are due, the most overdue first."""
        rows = self.db.execute("select id, due from card where due <= ?", [times.text(now)])
        dates = dict(rows.fetchall())
        return sorted((e for e in entries if e.id in dates), key=lambda e: dates[e.id])

    def unseen(self, entries: Iterable[Entry]) -> list[Entry]:
        """The questions never asked, in the order that they come in."""
        seen = {row[0] for row in self.db.execute("select id from card")}
        return [entry for entry in entries if entry.id not in seen]

    def dues(self, entries: Iterable[Entry]) -> list[datetime]:
        """When the seen ones of these questions are due, the earliest first."""
        names = {entry.id for entry in entries}
        rows = self.db.execute("select id, due from card order by due")
        return [times.moment(due) for name, due in rows if name in names]

    def grade(
        self, entry: Entry, rating: Rating, now: datetime, spent: int | None = None
    ) -> Graded:
        """Note how well the answer went; `spent` are milliseconds."""
        with transaction(self.db):
            row = self.db.execute("select fsrs from card where id = ?", [entry.id]).fetchone()
            card = Card.from_json(row[0]) if row else schedule.new(now)
            at = times.after(now, card.last_review)
            card, _ = self._scheduler.review_card(card, rating, at)
            number = self._log(Review(entry.id, at, int(rating), spent))
            self._put(entry.id, card)
        return Graded(number, card.due)

    def undo(self, number: int) -> None:
        """Take a grade back."""
        with transaction(self.db):
            row = self.db.execute("select id from review where n = ?", [number]).fetchone()
            if row:
                self.db.execute("delete from review where n = ?", [number])
                self._replay(row[0])

    def reviews(self) -> list[Review]:
        """The whole log, the oldest first."""
        rows = self.db.execute("select id, at, rating, spent from review order by at, id")
        return [Review(name, times.moment(at), *rest) for name, at, *rest in rows]

    def adopt(self, names: Mapping[str, str]) -> None:
        """Let cards go on under a question's new id; `names` has new ids by old ones."""
        seen = {row[0] for row in self.db.execute("select id from card")}
        for old in seen & names.keys():
            with transaction(self.db):
                change = "update or ignore review set id = ? where id = ?"
                self.db.execute(change, [names[old], old])
                # What is left has a review of the same moment under the new id.
                self.db.execute("delete from review where id = ?", [old])
                self._replay(old)
                self._replay(names[old])

    def lacking(self, reviews: Iterable[Review]) -> list[Review]:
        """Those that the log does not have, each once."""
        known = set(self.db.execute("select id, at from review").fetchall())
        found = {(one.id, times.text(one.at)): one for one in reviews}
        return [one for key, one in found.items() if key not in known]

    def add(self, reviews: Iterable[Review]) -> None:
        """Put reviews into the log, and replay what they touch; within a transaction."""
        touched = set()
        for one in sorted(reviews, key=lambda one: one.at):
            self._log(one)
            touched.add(one.id)
        for name in touched:
            self._replay(name)

    def _log(self, one: Review) -> int:
        done = self.db.execute(
            "insert into review (id, at, rating, spent) values (?, ?, ?, ?)",
            [one.id, times.text(one.at), one.rating, one.spent],
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def _replay(self, name: str) -> None:
        """Make a card of its log."""
        rows = self.db.execute("select at, rating from review where id = ? order by at", [name])
        card = schedule.replay(self._scheduler, ((times.moment(at), r) for at, r in rows))
        if card:
            self._put(name, card)
        else:
            self.db.execute("delete from card where id = ?", [name])

    def _put(self, name: str, card: Card) -> None:
        row = [name, times.text(card.due), card.to_json()]
        self.db.execute("insert or replace into card (id, due, fsrs) values (?, ?, ?)", row)
