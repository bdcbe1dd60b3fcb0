"""Ids never die: a deck knows a question by its id for years."""

from pathlib import Path

from mlops_lab.interview import bank

EVER = Path(__file__).with_name("ids.txt").read_text(encoding="utf-8").split()


def test_an_id_that_ever_was_still_names_a_question() -> None:
    """Renamed or merged: the question that is left has the old id under `was`."""
    known = {name for entry in bank.entries() for name in (entry.id, *entry.was)}
    assert [name for name in EVER if name not in known] == []


def test_every_id_is_kept_from_its_first_day() -> None:
    """A new one goes into ids.txt, which nothing ever leaves."""
    assert [entry.id for entry in bank.entries() if entry.id not in EVER] == []
    assert sorted(set(EVER)) == EVER
