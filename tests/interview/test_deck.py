"""The drill's deck: what is due, undo, and safety against `kill -9`."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating, Scheduler

from conftest import ROOT
from interview.examples import entry
from mlops_lab.interview.deck import Deck

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


ONE, TWO, THREE = entry("t-one"), entry("t-two"), entry("t-three")


@pytest.fixture
def deck(tmp_path: Path):
    deck = Deck(tmp_path / "drill.sqlite", Scheduler(enable_fuzzing=False))
    yield deck
    deck.close()


def test_a_new_deck_has_everything_unseen(deck: Deck) -> None:
    assert deck.due([ONE, TWO], NOW) == []
    assert deck.unseen([ONE, TWO]) == [ONE, TWO]
    assert deck.next_due() is None


def test_a_graded_question_comes_back_when_it_is_due(deck: Deck) -> None:
    due = deck.grade(ONE, Rating.Good, NOW)
    assert due > NOW
    assert deck.due([ONE, TWO], NOW) == []
    assert deck.due([ONE, TWO], due) == [ONE]
    assert deck.unseen([ONE, TWO]) == [TWO]
    assert deck.next_due() == due


def test_the_better_the_answer_the_later_it_comes_back(deck: Deck) -> None:
    again, good, easy = (
        deck.grade(one, rating, NOW)
        for one, rating in [(ONE, Rating.Again), (TWO, Rating.Good), (THREE, Rating.Easy)]
    )
    assert again < good < easy
    assert deck.due([THREE, TWO, ONE], easy) == [ONE, TWO, THREE]


def test_intervals_grow(deck: Deck) -> None:
    when, gaps = NOW, []
    for _ in range(5):
        due = deck.grade(ONE, Rating.Good, when)
        gaps.append(due - when)
        when = due
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=10)


def test_undo_takes_one_grade_back_at_a_time(deck: Deck) -> None:
    first = deck.grade(ONE, Rating.Good, NOW)
    deck.grade(ONE, Rating.Easy, first)
    assert deck.undo() == "t-one"
    assert deck.next_due() == first
    assert deck.undo() == "t-one"
    assert deck.unseen([ONE]) == [ONE]
    assert deck.undo() is None


KILLED = """
import sys; sys.path.insert(0, {tests!r})
from interview.test_deck import NOW, Deck, Path, Rating, entry
deck = Deck(Path({path!r}))
for n in range(10_000):
    deck.grade(entry(f"t-{{n}}"), Rating.Good, NOW)
    print(n, flush=True)
"""


def test_kill_loses_no_grade_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    code = KILLED.format(tests=str(ROOT / "tests"), path=str(path))
    last = -1
    for wanted in (3, 17, 29):
        path.unlink(missing_ok=True)
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            for line in process.stdout:
                last = int(line)
                if last >= wanted:
                    os.kill(process.pid, signal.SIGKILL)
                    break
        deck = Deck(path)
        seen = [entry(f"t-{n}") for n in range(last + 1)]
        assert deck.unseen(seen) == []
        deck.close()
