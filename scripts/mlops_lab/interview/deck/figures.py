"""What the log says of a person's habits: streak, retention, and what comes next.

Days and weeks are those of the person's time zone, as SQLite has it from the system.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mlops_lab.interview.bank import Entry
from mlops_lab.interview.deck.cards import Deck

MATURE = 21  # days since the review before, from which on a review is one of a mature card
WEEKS, DAYS = 8, 7  # that are looked back at, and ahead
_RETENTION = """
select date(at, 'localtime'), count(*), sum(rating > 1) from review
where at >= ? and julianday(at) - julianday(
    (select max(at) from review as last where last.id = review.id and last.at < review.at)
) >= ? group by 1
"""


@dataclass(frozen=True)
class Week:
    """Reviews of mature cards in a week: how many, and how many of them were answered."""

    monday: date
    reviews: int
    answered: int


def streak(deck: Deck, today: date) -> int:
    """Days in a row with a review, up to today, or to yesterday if there is none yet today."""
    rows = deck.db.execute("select distinct date(at, 'localtime') from review")
    days = {date.fromisoformat(day) for (day,) in rows}
    last = today if today in days else today - timedelta(days=1)
    found = 0
    while last - timedelta(days=found) in days:
        found += 1
    return found


def retention(deck: Deck, today: date) -> list[Week]:
    """The last weeks, the oldest first."""
    monday = today - timedelta(days=today.weekday())
    weeks = {monday - timedelta(weeks=n): [0, 0] for n in reversed(range(WEEKS))}
    since = (min(weeks) - timedelta(days=1)).isoformat()  # in UTC, so a day more
    for text, reviews, answered in deck.db.execute(_RETENTION, [since, MATURE]):
        day = date.fromisoformat(text)
        week = weeks.get(day - timedelta(days=day.weekday()))
        if week:
            week[0] += reviews
            week[1] += answered
    return [Week(day, *counts) for day, counts in weeks.items()]


def ahead(deck: Deck, entries: Iterable[Entry], today: date) -> list[tuple[date, int]]:
    """How many are due on each of the next days; what is overdue is due today."""
    counts = Counter(max(today, _day(due)) for due in deck.dues(entries))
    days = (today + timedelta(days=n) for n in range(DAYS))
    return [(day, counts[day]) for day in days]


def _day(when: datetime) -> date:
    return when.astimezone().date()
