"""What you know and when it is due: FSRS cards in one SQLite file in your data folder."""

import os
import shlex
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fsrs import Card, Rating, Scheduler
from platformdirs import user_data_path

from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import ANSWER_LIMIT
from mlops_lab.interview.bank import Entry

SCHEMA = """
create table if not exists card (id text primary key, due text not null, fsrs text not null);
create table if not exists review (
    n integer primary key, id text not null, rating integer not null, at text not null,
    before text  -- the card before this review, null for its first
);
"""


def default_path() -> Path:
    """The user's file; LAB_DATA names another folder for it."""
    folder = os.environ.get("LAB_DATA") or user_data_path("mlops-interview-lab")
    return Path(folder) / "drill.sqlite"


@contextmanager
def open_deck(path: Path | None = None) -> Iterator["Deck"]:
    """The deck in the user's file, closed at the end.

    Raises:
        LabError: the file is not what it should be, or cannot be read or written; nothing in it
            has been changed.
    """
    path = path or default_path()
    try:
        deck = Deck(path)
        try:
            yield deck
        finally:
            deck.close()
    except sqlite3.OperationalError as error:
        raise LabError(f"{path}: {error}; LAB_DATA=FOLDER names another place") from error
    except sqlite3.DatabaseError as error:
        raise LabError(
            f"{path}: {error}, the file is damaged; put a backup in its place, or keep it and "
            f"start afresh: mv {shlex.quote(str(path))} {shlex.quote(f'{path}.damaged')} (what "
            f"is readable comes back with: sqlite3 {path.name}.damaged .recover | sqlite3 "
            f"{path.name})"
        ) from error


class Deck:
    """The cards of one person. Every grade is a transaction: `kill -9` loses none before it."""

    def __init__(self, path: Path | None = None, scheduler: Scheduler | None = None) -> None:
        path = path or default_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            place = f"{path.parent}: {error.strerror}"
            raise LabError(f"{place}; LAB_DATA=FOLDER names another place") from error
        self._scheduler = scheduler or Scheduler()
        # A second `lab drill` may be writing; one that hangs must not hang this one for long.
        self._db = sqlite3.connect(path, timeout=ANSWER_LIMIT)
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def due(self, entries: Iterable[Entry], now: datetime) -> list[Entry]:
        """The seen questions that are due, the most overdue first."""
        rows = self._db.execute("select id, due from card where due <= ?", [_text(now)])
        dates = dict(rows.fetchall())
        return sorted((e for e in entries if e.id in dates), key=lambda e: dates[e.id])

    def unseen(self, entries: Iterable[Entry]) -> list[Entry]:
        """The questions never asked, in the bank's order."""
        seen = {row[0] for row in self._db.execute("select id from card")}
        return [entry for entry in entries if entry.id not in seen]

    def next_due(self) -> datetime | None:
        """When the next seen question is due."""
        (value,) = self._db.execute("select min(due) from card").fetchone()
        return datetime.fromisoformat(value) if value else None

    def grade(self, entry: Entry, rating: Rating, now: datetime) -> datetime:
        """Note how well the answer went; returns when the question is due again."""
        row = self._db.execute("select fsrs from card where id = ?", [entry.id]).fetchone()
        before = row[0] if row else None
        card = Card.from_json(before) if before else Card(due=now)
        card, _ = self._scheduler.review_card(card, rating, now)
        with self._db:
            self._db.execute(
                "insert into review (id, rating, at, before) values (?, ?, ?, ?)",
                [entry.id, int(rating), _text(now), before],
            )
            self._put(entry.id, card)
        return card.due

    def undo(self) -> str | None:
        """Take the last grade back; returns the question's id, or None if there is none."""
        row = self._db.execute("select n, id, before from review order by n desc").fetchone()
        if row is None:
            return None
        number, name, before = row
        with self._db:
            self._db.execute("delete from review where n = ?", [number])
            if before:
                self._put(name, Card.from_json(before))
            else:
                self._db.execute("delete from card where id = ?", [name])
        return str(name)

    def _put(self, name: str, card: Card) -> None:
        row = [name, _text(card.due), card.to_json()]
        self._db.execute("insert or replace into card (id, due, fsrs) values (?, ?, ?)", row)


def _text(when: datetime) -> str:
    # One time zone and one width, so that text compares as time does.
    return when.astimezone(UTC).isoformat(timespec="microseconds")
