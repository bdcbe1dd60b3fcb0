"""Streak, retention and what comes next, from a log; and how they are printed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from conftest import Mini, noon
from interview.examples import entry
from interview.test_drill import bank
from mlops_lab.interview.deck import Deck, figures, open_deck
from mlops_lab.interview.drill import statistics

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
TODAY = NOON.astimezone().date()
DAY = timedelta(days=1)
ONE, TWO = entry("t-one"), entry("t-two")


@pytest.mark.parametrize(
    ("days_ago", "streak"),
    [
        ([], 0),
        ([0], 1),
        ([1], 1),  # today is not over
        ([2], 0),
        ([0, 1, 2, 4], 3),
        ([1, 2, 4], 2),
        ([0, 2, 3], 1),
    ],
)
def test_a_streak_is_days_in_a_row(deck: Deck, days_ago: list[int], streak: int) -> None:
    for ago in sorted(days_ago, reverse=True):
        deck.grade(ONE, Rating.Good, NOON - ago * DAY)
    assert figures.streak(deck, TODAY) == streak


def test_retention_counts_reviews_of_mature_cards_by_week(deck: Deck) -> None:
    for one, rating, after in [
        (ONE, Rating.Easy, 0),
        (ONE, Rating.Again, figures.MATURE),  # on a Monday
        (ONE, Rating.Good, figures.MATURE + 1),  # not mature
        (TWO, Rating.Easy, 5),
        (TWO, Rating.Hard, 5 + figures.MATURE),
        (TWO, Rating.Good, 5 + 2 * figures.MATURE),
        (entry("t-three"), Rating.Good, 0),
        (entry("t-three"), Rating.Good, figures.MATURE - 1),
    ]:
        deck.grade(one, rating, NOON + after * DAY)
    weeks = figures.retention(deck, date(2027, 1, 8))
    assert [week.monday for week in weeks] == [
        date(2027, 1, 4) - n * 7 * DAY for n in reversed(range(figures.WEEKS))
    ]
    assert [(week.monday, week.reviews, week.answered) for week in weeks if week.reviews] == [
        (date(2026, 12, 14), 2, 1),
        (date(2027, 1, 4), 1, 1),
    ]


def test_what_is_overdue_is_due_today(deck: Deck) -> None:
    deck.grade(ONE, Rating.Again, NOON - 9 * DAY)
    due = deck.grade(TWO, Rating.Easy, NOON - 5 * DAY).due
    deck.grade(entry("t-gone"), Rating.Again, NOON)
    ahead = dict(figures.ahead(deck, [ONE, TWO], TODAY))
    assert list(ahead) == [TODAY + n * DAY for n in range(figures.DAYS)]
    day = due.astimezone().date()
    assert day > TODAY
    assert {day: n for day, n in ahead.items() if n} == {TODAY: 1, day: 1}


@pytest.mark.parametrize(
    ("share", "bar"), [(0, ""), (1, "█" * 30), (0.5, "█" * 15), (0.001, ""), (0.05, "█▌")]
)
def test_a_bar_is_as_long_as_its_share(share: float, bar: str) -> None:
    assert statistics.bar(share) == bar


def test_the_page_of_figures(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    with open_deck(tmp_path / "drill.sqlite") as deck:
        now = datetime.now(UTC)
        deck.grade(entry("dvc-one"), Rating.Easy, now - 30 * DAY)
        deck.grade(entry("dvc-one"), Rating.Again, now - DAY)
    done = mini.call("drill", "stats", LAB_DATA=str(tmp_path), TZ=noon().zone)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0] == "1 day in a row"
    assert sum("  0% of 1" in line for line in lines) == 1
    assert "today      1  " + "█" * 30 in lines
    assert "dvc   1 due    1 new  of   2  Data versioning" in lines


def test_figures_of_nothing(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    done = mini.call("drill", "stats", "--topic", "dvc", LAB_DATA=str(tmp_path))
    assert "0 days in a row" in done.stdout
    assert "no question was asked 21 days after the last time" in done.stdout
    assert "dvc   0 due    1 new  of   1  Data versioning" in done.stdout
