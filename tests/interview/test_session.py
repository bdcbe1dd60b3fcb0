"""Which question is next: what is due, what is new, what comes back, and what is taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Rating

from interview.examples import entry
from mlops_lab.interview.bank import Entry
from mlops_lab.interview.deck import Deck
from mlops_lab.interview.drill import session
from mlops_lab.interview.drill.session import GAP, Session

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CARDS = [entry(f"t-{n}") for n in range(6)]


def rest(sitting: Session, now: datetime = LATER) -> list[Entry]:
    """The questions that are still asked if all are known."""
    found = []
    while sitting.left:
        found.append(sitting.next(now))
    return found


def test_due_ones_come_first_then_new_ones_in_the_order_given(deck: Deck) -> None:
    deck.grade(CARDS[3], Rating.Again, NOW)
    deck.grade(CARDS[1], Rating.Again, NOW - timedelta(days=1))
    assert rest(session.begin(deck, CARDS, 20, 10)) == [CARDS[n] for n in (1, 3, 0, 2, 4, 5)]
    assert rest(session.begin(deck, CARDS, 20, 1)) == [CARDS[n] for n in (1, 3, 0)]
    assert rest(session.begin(deck, CARDS, 3, 10)) == [CARDS[n] for n in (1, 3, 0)]
    assert rest(session.begin(deck, CARDS, 1, 10)) == [CARDS[1]]
    assert rest(session.begin(deck, CARDS, 20, 0)) == [CARDS[1], CARDS[3]]


def test_what_was_not_known_comes_back_after_a_few_others(deck: Deck) -> None:
    sitting = Session(deck, list(CARDS))
    sitting.grade(sitting.next(NOW), Rating.Again, NOW, 0)
    assert rest(sitting) == [*CARDS[1 : 1 + GAP], CARDS[0], *CARDS[1 + GAP :]]


def test_what_is_not_due_again_yet_waits_behind_the_others(deck: Deck) -> None:
    sitting = Session(deck, list(CARDS))
    sitting.grade(sitting.next(NOW), Rating.Again, NOW, 0)
    assert rest(sitting, NOW + timedelta(seconds=59)) == [*CARDS[1:], CARDS[0]]


def test_what_is_not_known_at_the_end_is_asked_at_once(deck: Deck) -> None:
    sitting = Session(deck, CARDS[:1])
    for _ in range(3):
        sitting.grade(sitting.next(NOW), Rating.Again, NOW, 0)
        assert sitting.left == 1
    sitting.grade(sitting.next(NOW), Rating.Hard, NOW, 0)
    assert sitting.left == 0


@pytest.mark.parametrize("rating", [Rating.Hard, Rating.Good, Rating.Easy])
def test_what_was_known_does_not_come_back(deck: Deck, rating: Rating) -> None:
    sitting = Session(deck, CARDS[:2])
    sitting.grade(sitting.next(NOW), rating, NOW, 0)
    assert rest(sitting) == [CARDS[1]]


def test_a_grade_that_is_taken_back_is_asked_for_again_before_the_current_one(deck: Deck) -> None:
    sitting = Session(deck, CARDS[:3])
    sitting.grade(sitting.next(NOW), Rating.Again, NOW, 0)
    current = sitting.next(NOW)
    assert sitting.undo(current) == CARDS[0]
    assert deck.reviews() == []
    assert rest(sitting) == CARDS[:3]


def test_without_a_grade_nothing_is_taken_back(deck: Deck) -> None:
    deck.grade(CARDS[4], Rating.Good, NOW)
    sitting = Session(deck, CARDS[:2])
    assert sitting.undo(sitting.next(NOW)) is None
    assert rest(sitting) == CARDS[:2]
    assert len(deck.reviews()) == 1


def test_grades_are_taken_back_one_at_a_time_to_the_first(deck: Deck) -> None:
    sitting = Session(deck, CARDS[:2])
    sitting.grade(sitting.next(NOW), Rating.Good, NOW, 0)
    sitting.grade(sitting.next(NOW), Rating.Good, NOW, 0)
    assert sitting.summary() == "2 graded: 2 good"
    assert sitting.undo(None) == CARDS[1]
    assert sitting.undo(sitting.next(NOW)) == CARDS[0]
    assert sitting.summary() == "nothing graded"
    assert rest(sitting) == CARDS[:2]


def test_the_summary_counts_each_grade(deck: Deck) -> None:
    sitting = Session(deck, CARDS[:4])
    for rating in (Rating.Easy, Rating.Again, Rating.Good, Rating.Good):
        sitting.grade(sitting.next(NOW), rating, NOW, 0)
    assert sitting.summary() == "4 graded: 1 again, 2 good, 1 easy"
