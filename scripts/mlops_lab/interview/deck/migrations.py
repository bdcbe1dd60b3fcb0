"""The forms that the deck's file has had: each function makes the next one of the one before.

The file's form is its `user_version`. Files of before there were forms are of form 0 and have the
tables of the first step, which therefore makes only what is not there.
"""

import sqlite3
from collections.abc import Callable

from mlops_lab.interview.deck import times


def first(db: sqlite3.Connection) -> None:
    """Cards, and a log that has each card as it was before the review."""
    db.execute(
        "create table if not exists card"
        " (id text primary key, due text not null, fsrs text not null)"
    )
    db.execute(
        "create table if not exists review (n integer primary key, id text not null,"
        " rating integer not null, at text not null, before text)"
    )


def a_log_that_can_be_merged(db: sqlite3.Connection) -> None:
    """A review is its question and its time; the schedule follows from the log alone.

    Cards stay as they are. A time that is not behind the one before, because a clock was set back,
    moves behind it, so that no review is lost.
    """
    db.execute("alter table review rename to review_before")
    db.execute(
        "create table review (n integer primary key, id text not null, at text not null,"
        " rating integer not null, spent integer, unique (id, at))"  # milliseconds, if known
    )
    last: dict[str, str] = {}
    for n, name, rating, at in db.execute(
        "select n, id, rating, at from review_before order by n"
    ).fetchall():
        before = times.moment(last[name]) if name in last else None
        last[name] = times.text(times.after(times.moment(at), before))
        db.execute(
            "insert into review (n, id, at, rating) values (?, ?, ?, ?)",
            [n, name, last[name], rating],
        )
    db.execute("drop table review_before")
    db.execute("create index review_at on review (at)")
    db.execute("create index card_due on card (due)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (first, a_log_that_can_be_merged)
