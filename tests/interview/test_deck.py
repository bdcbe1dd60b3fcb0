"""The drill's deck: what is due, undo, and safety against kills, clocks and a second terminal."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from conftest import ROOT, Started, run
from interview.examples import entry
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.interview.deck import Deck, open_deck

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO, THREE = entry("t-one"), entry("t-two"), entry("t-three")


def due(deck: Deck) -> list[datetime]:
    """When the three are due, as far as they have been seen."""
    return deck.dues([ONE, TWO, THREE])


def test_a_new_deck_has_everything_unseen(deck: Deck) -> None:
    assert deck.due([ONE, TWO], NOW) == []
    assert deck.unseen([ONE, TWO]) == [ONE, TWO]
    assert due(deck) == []


def test_a_graded_question_comes_back_when_it_is_due(deck: Deck) -> None:
    when = deck.grade(ONE, Rating.Good, NOW).due
    assert when > NOW
    assert deck.due([ONE, TWO], NOW) == []
    assert deck.due([ONE, TWO], when) == [ONE]
    assert deck.unseen([ONE, TWO]) == [TWO]
    assert due(deck) == [when]


def test_the_most_overdue_comes_first(deck: Deck) -> None:
    again, good, easy = (
        deck.grade(one, rating, NOW).due
        for one, rating in [(ONE, Rating.Again), (TWO, Rating.Good), (THREE, Rating.Easy)]
    )
    assert again < good < easy
    assert deck.due([THREE, TWO, ONE], easy) == [ONE, TWO, THREE]
    assert due(deck) == [again, good, easy]


def test_intervals_grow(deck: Deck) -> None:
    when, gaps = NOW, []
    for _ in range(5):
        then = deck.grade(ONE, Rating.Good, when).due
        gaps.append(then - when)
        when = then
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=10)


def test_the_same_log_gives_the_same_schedule(tmp_path: Path) -> None:
    """FSRS would add random days to an interval of weeks."""
    found = set()
    for number in range(5):
        with open_deck(tmp_path / f"{number}.sqlite") as deck:
            for n in range(4):
                when = deck.grade(ONE, Rating.Easy, NOW + n * 30 * DAY).due
            found.add(when)
    assert len(found) == 1


def test_undo_takes_a_grade_back(deck: Deck) -> None:
    first = deck.grade(ONE, Rating.Good, NOW)
    second = deck.grade(ONE, Rating.Easy, first.due)
    deck.undo(second.number)
    assert due(deck) == [first.due]
    deck.undo(first.number)
    assert deck.unseen([ONE]) == [ONE]
    deck.undo(first.number)
    assert deck.reviews() == []


def test_undo_of_a_grade_leaves_what_another_terminal_gave_since(deck: Deck) -> None:
    mistake = deck.grade(ONE, Rating.Again, NOW)
    deck.grade(ONE, Rating.Good, NOW + DAY)
    deck.undo(mistake.number)
    assert [(one.rating, one.at) for one in deck.reviews()] == [(Rating.Good, NOW + DAY)]
    after = due(deck)
    assert after == [deck.grade(TWO, Rating.Good, NOW + DAY).due]


def test_a_clock_that_was_set_back_puts_no_review_before_the_last(deck: Deck) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    deck.grade(ONE, Rating.Good, NOW - DAY)
    deck.grade(ONE, Rating.Good, NOW)
    times = [one.at for one in deck.reviews()]
    assert times[0] == NOW
    assert times == sorted(set(times))
    assert due(deck)[0] > NOW


def test_times_are_kept_in_utc_and_to_the_millisecond(deck: Deck) -> None:
    deck.grade(ONE, Rating.Good, NOW + timedelta(microseconds=1999))
    (at,) = deck.db.execute("select at from review").fetchone()
    assert at == "2026-11-23T12:00:00.001000+00:00"


def test_a_renamed_question_goes_on_with_its_history(deck: Deck) -> None:
    when = deck.grade(ONE, Rating.Easy, NOW).due
    deck.grade(THREE, Rating.Good, NOW)
    deck.adopt({"t-one": "t-two", "t-none": "t-three"})
    assert deck.unseen([ONE, TWO]) == [ONE]
    assert deck.due([TWO], when) == [TWO]
    assert {one.id for one in deck.reviews()} == {"t-two", "t-three"}


def test_a_renamed_question_that_has_been_asked_since_has_both_histories(deck: Deck) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    deck.grade(TWO, Rating.Good, NOW)  # the same moment: the same review, from another machine
    deck.grade(ONE, Rating.Good, NOW + DAY)
    deck.grade(TWO, Rating.Easy, NOW + 3 * DAY)
    deck.adopt({"t-one": "t-two"})
    assert [(one.id, one.at) for one in deck.reviews()] == [
        ("t-two", NOW),
        ("t-two", NOW + DAY),
        ("t-two", NOW + 3 * DAY),
    ]
    whole = due(deck)
    for n, rating in [(0, Rating.Good), (1, Rating.Good), (3, Rating.Easy)]:
        deck.grade(THREE, rating, NOW + n * DAY)
    assert due(deck) == whole * 2


def test_a_removed_question_keeps_its_reviews(deck: Deck) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    assert deck.due([TWO], NOW + DAY) == []
    assert deck.dues([TWO]) == []
    assert [one.id for one in deck.reviews()] == ["t-one"]


HEAD = """
import sys; sys.path.insert(0, {tests!r})
from interview.test_deck import DAY, NOW, Path, Rating, entry, open_deck
path, name = Path(sys.argv[1]), sys.argv[2]
"""
KILLED = """
with open_deck(path) as deck:
    for n in range(10_000):
        deck.grade(entry(f"t-{n}"), Rating.Good, NOW)
        print(n, flush=True)
"""
GRADES = """
with open_deck(path) as deck:
    print("ready", flush=True)
    sys.stdin.read()
    for n in range(100):
        deck.grade(entry("t-both"), Rating.Good, NOW + n * DAY)
        deck.grade(entry(f"t-{name}-{n}"), Rating.Good, NOW)
"""


def start(code: str, path: Path, name: str = "") -> Started:
    """Another process with the deck."""
    command = [sys.executable, "-c", HEAD.format(tests=str(ROOT / "tests")) + code, path, name]
    return Started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_kill_loses_no_grade_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    last = -1
    for wanted in (3, 17, 29):
        path.unlink(missing_ok=True)
        with start(KILLED, path) as process:
            assert process.stdout
            for line in process.stdout:
                last = int(line)
                if last >= wanted:
                    os.kill(process.pid, signal.SIGKILL)
                    break
        with open_deck(path) as deck:
            seen = [entry(f"t-{n}") for n in range(last + 1)]
            assert deck.unseen(seen) == []


def fill(path: Path) -> None:
    """Grade until the file may not grow any more."""
    with open_deck(path) as deck:
        (pages,) = deck.db.execute("pragma page_count").fetchone()
        deck.db.execute(f"pragma max_page_count = {pages}")
        for n in range(10_000):
            deck.grade(entry(f"t-{n}"), Rating.Good, NOW)


def test_a_disk_that_is_full_is_named_and_takes_no_half_of_a_grade(tmp_path: Path) -> None:
    path = tmp_path / "drill.sqlite"
    with pytest.raises(LabError, match="database or disk is full"):
        fill(path)
    with open_deck(path) as deck:
        names = [review.id for review in deck.reviews()]
        assert names
        assert len(deck.dues(map(entry, names))) == len(names)


def test_two_terminals_at_once_lose_no_grade(tmp_path: Path) -> None:
    """Each grade builds on the card that the other has just left."""
    path = tmp_path / "drill.sqlite"
    with start(GRADES, path, "a") as one, start(GRADES, path, "b") as two:
        for process in (one, two):
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in (one, two):
            assert process.stdin
            process.stdin.close()
    assert (one.returncode, two.returncode) == (0, 0)
    with open_deck(path) as deck:
        names = [review.id for review in deck.reviews()]
        assert len(names) == 400
        assert names.count("t-both") == 200
        (kept,) = deck.dues([entry("t-both")])
        last = next(r for r in reversed(deck.reviews()) if r.id == "t-both")
        deck.undo(deck.grade(entry("t-both"), Rating.Good, last.at + DAY).number)
        assert deck.dues([entry("t-both")]) == [kept]  # as the log replays


def test_both_of_two_that_make_the_file_at_once_succeed(tmp_path: Path) -> None:
    code = "with open_deck(path): pass"
    processes = [start(code, tmp_path / "drill.sqlite") for _ in range(4)]
    for process in processes:
        process.communicate(timeout=LIMIT)
    assert [process.returncode for process in processes] == [0] * 4


def test_days_are_those_of_the_person(tmp_path: Path) -> None:
    """22:30 and 23:30 UTC are one day in London and two in Berlin, in winter."""
    code = """
from datetime import date, timedelta
from mlops_lab.interview.deck import figures
with open_deck(path) as deck:
    for minutes in (630, 690):
        deck.grade(entry(f"t-{minutes}"), Rating.Good, NOW + timedelta(minutes=minutes))
    print([figures.streak(deck, date(2026, 11, day)) for day in (23, 24, 25, 26)])
"""
    code = HEAD.format(tests=str(ROOT / "tests")) + code
    streaks = [
        run(sys.executable, "-c", code, str(tmp_path / zone), "", env={"TZ": zone}).stdout.strip()
        for zone in ("GMT0", "CET-1CEST")
    ]
    assert streaks == ["[1, 1, 0, 0]", "[1, 2, 2, 0]"]
