"""Times as the deck keeps them: UTC, one width, so that text compares as time does."""

from datetime import UTC, datetime, timedelta

# A browser knows no less: a review that went there and came back has the time that it had.
STEP = timedelta(milliseconds=1)


def text(when: datetime) -> str:
    """A moment as the file has it."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def moment(value: str) -> datetime:
    """A moment of the file."""
    return datetime.fromisoformat(value)


def whole(when: datetime) -> datetime:
    """The moment without parts of a millisecond."""
    return when.replace(microsecond=when.microsecond // 1000 * 1000)


def after(when: datetime, last: datetime | None) -> datetime:
    """The moment, or the first one behind `last` where a clock was set back since."""
    when = whole(when)
    return when if last is None or when > last else whole(last) + STEP
