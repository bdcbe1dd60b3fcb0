"""When a line of ``on.schedule`` is due next.

The syntax and its limits are GitHub's: POSIX cron with the names of months and days, ``*`` ``,``
``-`` and ``/``, in UTC or in the entry's ``timezone``
(https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule).
A time that a change to summer time skips is due when the clock has moved on: 02:30 becomes 03:00.
Of an hour that comes twice GitHub says nothing; here the first counts. Unlike GitHub's, a run is
never late.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

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


@dataclass(frozen=True)
class Cron:
    """A parsed line; `plain` has a star or a list of numbers for each field."""

    line: str
    plain: str

    def next(self, after: datetime, zone: str = "UTC") -> datetime:
        """The first time after `after`, in UTC, at which the line is due in the time zone.

        Raises:
            LabError: it never is, as on the 30th of February.
        """
        local = ZoneInfo(zone)
        try:
            # Times without a zone: of those that the clock skips, cronsim would leave some out.
            times = CronSim(self.plain, after.astimezone(local).replace(tzinfo=None))
        except CronSimError as error:
            raise LabError(f"the schedule {self.line!r} is never due") from error
        return next(due for time in times if (due := _instant(time, local)) > after)


def parse(line: str) -> Cron:
    """A line of five fields.

    Raises:
        LabError: it is not one that GitHub takes; the field is in the message.
    """
    fields = line.split()
    if len(fields) != len(FIELDS):
        raise LabError(f"the schedule {line!r} has {len(fields)} fields, not five")
    plain = (_plain(line, *pair) for pair in zip(fields, FIELDS, strict=True))
    return Cron(line, " ".join(plain))


def _plain(line: str, text: str, field: tuple[str, int, int, list[str]]) -> str:
    # All of the rest is written out: cronsim takes more than GitHub does, such as a day 7, and
    # takes a field that begins with a star for one that restricts nothing.
    if text == "*":
        return text
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
    return ",".join(map(str, sorted(found)))


def _number(text: str, least: int, names: list[str]) -> int:
    return least + names.index(text.upper()) if text.upper() in names else int(text)


def _instant(time: datetime, zone: ZoneInfo) -> datetime:
    """The local time in UTC; one that does not exist is the next that does."""
    while True:
        instant = time.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == time:
            return instant
        time += timedelta(minutes=1)
