"""The deck's file: where it is, how it is opened, and what is said when it cannot be."""

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_data_path

from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import ANSWER_LIMIT
from mlops_lab.interview.deck.cards import Deck
from mlops_lab.interview.deck.migrations import MIGRATIONS
from mlops_lab.interview.deck.transactions import transaction


def default_path() -> Path:
    """The user's file; LAB_DATA names another folder for it."""
    folder = os.environ.get("LAB_DATA") or user_data_path("mlops-interview-lab")
    return Path(folder) / "drill.sqlite"


@contextmanager
def open_deck(path: Path | None = None) -> Iterator[Deck]:
    """The deck in the user's file, closed at the end.

    Raises:
        LabError: the file is not what it should be, or cannot be read or written; nothing in it
            has been changed.
    """
    path = path or default_path()
    try:
        db = connect(path)
        try:
            yield Deck(db, path)
        finally:
            db.close()
    except sqlite3.OperationalError as error:
        raise LabError(f"{path}: {error}; LAB_DATA=FOLDER names another place") from error
    except sqlite3.DatabaseError as error:
        raise LabError(
            f"{path}: {error}, the file is damaged; put a backup in its place, or keep it and "
            f"start afresh: mv {shlex.quote(str(path))} {shlex.quote(f'{path}.damaged')} (what "
            f"is readable comes back with: sqlite3 {path.name}.damaged .recover | sqlite3 "
            f"{path.name})"
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """The file in today's form, made or brought forward if need be.

    Raises:
        LabError: its folder cannot be made, or a newer lab has written it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        place = f"{path.parent}: {error.strerror}"
        raise LabError(f"{place}; LAB_DATA=FOLDER names another place") from error
    # A second `lab drill` may be writing; one that hangs must not hang this one for long. No
    # write-ahead log: the deck stays one file, which a person can copy at any time.
    db = sqlite3.connect(path, timeout=ANSWER_LIMIT, isolation_level=None)
    try:
        _bring_forward(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _bring_forward(db: sqlite3.Connection, path: Path) -> None:
    while (form := _form(db)) < len(MIGRATIONS):
        with transaction(db):
            if _form(db) == form:  # nobody else was quicker
                MIGRATIONS[form](db)
                db.execute(f"pragma user_version = {form + 1}")
    if form > len(MIGRATIONS):
        raise LabError(
            f"{path}: a newer lab has written this file (form {form}, this one knows "
            f"{len(MIGRATIONS)}); it stays as it is: git pull, or LAB_DATA=FOLDER for another"
        )


def _form(db: sqlite3.Connection) -> int:
    (form,) = db.execute("pragma user_version").fetchone()
    return int(form)
