"""When a question is asked again: FSRS, as a function of the log and nothing else."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from fsrs import Card, Rating, Scheduler

NEW = 0  # the state of a card before its first review, in the form that FSRS' optimizer reads


def scheduler() -> Scheduler:
    """Without the random days that FSRS may add to an interval.

    The same log has to give the same schedule here, after an import, and in the browser's drill.
    """
    return Scheduler(enable_fuzzing=False)


def new(now: datetime) -> Card:
    """A card that was never asked. The number is of no use here; FSRS waits to make a new one."""
    return Card(card_id=1, due=now)


def steps(
    scheduler: Scheduler, reviews: Iterable[tuple[datetime, int]]
) -> Iterator[tuple[int, Card]]:
    """For each review in time order: the card's state before it, and the card after it."""
    card: Card | None = None
    for at, rating in reviews:
        state = int(card.state) if card else NEW
        card, _ = scheduler.review_card(card or new(at), Rating(rating), at)
        yield state, card


def replay(scheduler: Scheduler, reviews: Iterable[tuple[datetime, int]]) -> Card | None:
    """The card after all of its reviews; none if there are none."""
    cards = [card for _, card in steps(scheduler, reviews)]
    return cards[-1] if cards else None
