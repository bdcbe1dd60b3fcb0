"""When a line of ``on.schedule`` is due next.

The syntax and its limits are GitHub's: POSIX cron with the names of months and days, ``*`` ``,``
``-`` and ``/``, in UTC or in the entry's ``timezone``
(https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule).
A time that a change to summer time skips is due when the clock has moved on: 02:30 becomes 03:00.
Of an hour that comes twice GitHub says nothing; here the first counts. Unlike GitHub's, a run is
never late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mlops_lab.core.errors import LabError

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# Field, least and greatest value, names of values from the least on.
FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, DAYS),
)
HORIZON = 366 * 8 + 2  # days: the 29th of February can be eight years away


@dataclass(frozen=True)
class Cron:
    """A parsed line."""

    line: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def next(self, after: datetime, zone: str = "UTC") -> datetime:
        """The first time after `after`, in UTC, at which the line is due in the time zone.

        Raises:
            LabError: it never is, as on the 30th of February.
        """
        local = ZoneInfo(zone)
        first = after.astimezone(local).date()
        for number in range(HORIZON):
            day = datetime.combine(first + timedelta(days=number), datetime.min.time())
            if self._is_on(day):
                due = (_instant(time, local) for time in self._times(day))
                if found := min((time for time in due if time > after), default=None):
                    return found
        raise LabError(f"the schedule {self.line!r} is never due")

    def _is_on(self, day: datetime) -> bool:
        # POSIX: if both kinds of day are restricted, either is enough.
        _, _, by_month, _, by_week = self.line.split()
        month_day, week_day = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        either = by_month != "*" and by_week != "*"
        fits = month_day or week_day if either else month_day and week_day
        return day.month in self.months and fits

    def _times(self, day: datetime) -> Iterator[datetime]:
        for hour in self.hours:
            for minute in self.minutes:
                yield day.replace(hour=hour, minute=minute)


def parse(line: str) -> Cron:
    """A line of five fields.

    Raises:
        LabError: it is not one that GitHub takes; the field is in the message.
    """
    fields = line.split()
    if len(fields) != len(FIELDS):
        raise LabError(f"the schedule {line!r} has {len(fields)} fields, not five")
    return Cron(line, *(_values(line, *pair) for pair in zip(fields, FIELDS, strict=True)))


def _values(line: str, text: str, field: tuple[str, int, int, list[str]]) -> frozenset[int]:
    name, least, greatest, names = field
    found: set[int] = set()
    try:
        for part in text.split(","):
            span, _, step = part.partition("/")
            low, dash, high = span.partition("-")
            first = least if span == "*" else _number(low, least, names)
            # A step without an end goes on to the last value.
            open_end = span == "*" or (step and not dash)
            last = greatest if open_end else _number(high if dash else low, least, names)
            if not least <= first <= last <= greatest or (step and int(step) < 1):
                raise ValueError
            found.update(range(first, last + 1, int(step or 1)))
    except ValueError as error:
        raise LabError(f"the schedule {line!r} has no valid {name}: {text}") from error
    return frozenset(found)


def _number(text: str, least: int, names: list[str]) -> int:
    return least + names.index(text.upper()) if text.upper() in names else int(text)


def _instant(time: datetime, zone: ZoneInfo) -> datetime:
    """The local time in UTC; one that does not exist is the next that does."""
    while True:
        instant = time.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == time:
            return instant
        time += timedelta(minutes=1)
