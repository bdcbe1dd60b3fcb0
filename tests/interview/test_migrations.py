"""The deck's file: those of older forms are taken over whole, those of newer ones refused."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Card, Rating, Scheduler

from interview.examples import entry
from mlops_lab.core.errors import LabError
from mlops_lab.interview.deck import migrations, open_deck, store

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
# What the first drills have made, from before files had forms.
FORM_0 = """
create table if not exists card (id text primary key, due text not null, fsrs text not null);
create table if not exists review (
    n integer primary key, id text not null, rating integer not null, at text not null,
    before text  -- the card before this review, null for its first
);
"""
LOG = [
    ("t-one", Rating.Good, timedelta()),
    ("t-two", Rating.Again, timedelta(minutes=1)),
    ("t-one", Rating.Easy, timedelta(days=3)),
    ("t-two", Rating.Good, timedelta(seconds=30)),  # the clock had been set back
    ("t-gone", Rating.Hard, timedelta(days=4)),
    ("t-gone", Rating.Hard, timedelta(days=4)),
]


def text(when: datetime) -> str:
    return when.isoformat(timespec="microseconds")


def old(path: Path) -> list[tuple[str, str, str]]:
    """A file of form 0, as its program made it; returns the cards."""
    cards: dict[str, Card] = {}
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(FORM_0)
        for name, rating, after in LOG:
            before = cards.get(name)
            row = [name, int(rating), text(NOW + after), before and before.to_json()]
            db.execute("insert into review (id, rating, at, before) values (?, ?, ?, ?)", row)
            cards[name], _ = Scheduler().review_card(before or Card(), rating, NOW + after)
        rows = [(name, text(card.due), card.to_json()) for name, card in cards.items()]
        db.executemany("insert into card values (?, ?, ?)", rows)
    return rows


def test_a_file_of_before_there_were_forms_is_taken_over_whole(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    cards = old(path)
    with open_deck(path) as deck:
        assert sorted(deck.db.execute("select id, due, fsrs from card")) == sorted(cards)
        rows = deck.db.execute("select n, id, rating from review order by n").fetchall()
        assert rows == [(n, name, rating) for n, (name, rating, _) in enumerate(LOG, 1)]
        for name in {name for name, *_ in LOG}:
            times = [one.at for one in deck.reviews() if one.id == name]
            assert times == sorted(set(times))
            assert abs(times[0] - min(NOW + a for n, _, a in LOG if n == name)) < timedelta(
                minutes=1
            )
        assert deck.grade(entry("t-one"), Rating.Good, NOW + timedelta(days=30)).number == 7


def test_a_file_is_brought_forward_once(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    old(path)
    with open_deck(path) as deck:
        before = list(deck.db.iterdump())
        assert deck.db.execute("pragma user_version").fetchone() == (len(migrations.MIGRATIONS),)
    with open_deck(path) as deck:
        assert list(deck.db.iterdump()) == before


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(db: sqlite3.Connection) -> None:
        migrations.a_log_that_can_be_merged(db)
        db.execute("insert into nowhere values (1)")

    path = tmp_path / "drill.sqlite"
    old(path)
    before = dump(path)
    monkeypatch.setattr(store, "MIGRATIONS", (migrations.first, broken))
    with pytest.raises(LabError, match="no such table: nowhere"), open_deck(path):
        pass
    assert dump(path) == before


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def test_a_file_of_a_newer_lab_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table something (else_ text)")
        db.execute("pragma user_version = 99")
    before = path.read_bytes()
    with (
        pytest.raises(LabError, match="a newer lab has written this file") as told,
        open_deck(path),
    ):
        pass
    assert "\n" not in str(told.value)
    assert path.read_bytes() == before
