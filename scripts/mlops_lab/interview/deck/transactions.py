"""All or nothing, and one writer at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What is read in the body is still so when it is written; an error takes all of it back."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # SQLite itself takes it back where the disk is full
            db.execute("rollback")
        raise
    db.execute("commit")
