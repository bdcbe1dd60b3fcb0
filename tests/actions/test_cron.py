"""Lines of cron, and when they are due."""

from datetime import UTC, datetime, timedelta

import pytest

from mlops_lab.actions.cron import parse
from mlops_lab.core.errors import LabError


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "after", "due"),
    [
        ("0 2 * * *", "2026-11-25 01:59", "2026-11-25 02:00"),
        ("0 2 * * *", "2026-11-25 02:00", "2026-11-26 02:00"),
        ("0 2 * * *", "2026-12-31 03:00", "2027-01-01 02:00"),
        ("*/15 * * * *", "2026-11-25 10:16", "2026-11-25 10:30"),
        ("20/15 * * * *", "2026-11-25 10:51", "2026-11-25 11:20"),
        ("10-30/10 * * * *", "2026-11-25 10:20", "2026-11-25 10:30"),
        ("5,35 4-6 * * *", "2026-11-25 05:36", "2026-11-25 06:05"),
        # The 25th of November 2026 is a Wednesday.
        ("0 0 * * MON-FRI", "2026-11-27 12:00", "2026-11-30 00:00"),
        ("0 0 * * sun", "2026-11-25 00:00", "2026-11-29 00:00"),
        ("0 0 1 * *", "2026-11-25 00:00", "2026-12-01 00:00"),
        ("0 0 31 JAN,FEB *", "2026-11-25 00:00", "2027-01-31 00:00"),
        # Both kinds of day: either is enough.
        ("0 0 13 * 5", "2026-11-25 00:00", "2026-11-27 00:00"),
        ("0 0 29 2 *", "2026-11-25 00:00", "2028-02-29 00:00"),
    ],
)
def test_the_next_time_is_the_right_one(line: str, after: str, due: str) -> None:
    assert parse(line).next(at(after)) == at(due)


def test_utc_is_meant_unless_a_time_zone_is_named() -> None:
    nightly = parse("0 2 * * *")
    winter, summer = at("2026-01-10 12:00"), at("2026-07-10 12:00")
    assert nightly.next(winter, "Europe/Berlin") == at("2026-01-11 01:00")
    assert nightly.next(summer, "Europe/Berlin") == at("2026-07-11 00:00")


def test_a_time_that_is_skipped_comes_when_the_clock_has_moved_on() -> None:
    # On the 29th of March 2026, Berlin goes from 02:00 to 03:00, which is 01:00 UTC.
    assert parse("30 2 * * *").next(at("2026-03-28 12:00"), "Europe/Berlin") == at(
        "2026-03-29 01:00"
    )


def test_a_time_that_comes_twice_counts_once() -> None:
    # On the 25th of October 2026, Berlin has 02:30 at 00:30 and at 01:30 UTC.
    nightly = parse("30 2 * * *")
    first = nightly.next(at("2026-10-24 12:00"), "Europe/Berlin")
    assert first == at("2026-10-25 00:30")
    assert nightly.next(first, "Europe/Berlin") - first == timedelta(hours=25)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 2 * *", "has 4 fields"),
        ("60 2 * * *", "no valid minute: 60"),
        ("0 24 * * *", "no valid hour: 24"),
        ("0 0 0 * *", "no valid day of the month: 0"),
        ("0 0 * 13 *", "no valid month: 13"),
        ("0 0 * * 7", "no valid day of the week: 7"),
        ("0 0 * * MOM", "no valid day of the week: MOM"),
        ("5-1 * * * *", "no valid minute: 5-1"),
        ("*/0 * * * *", r"no valid minute: \*/0"),
        ("@daily", "has 1 fields"),
    ],
)
def test_a_wrong_line_is_told_with_its_field(line: str, said: str) -> None:
    with pytest.raises(LabError, match=said):
        parse(line)


def test_a_day_that_no_year_has_is_told() -> None:
    with pytest.raises(LabError, match="never due"):
        parse("0 0 30 2 *").next(at("2026-11-25 00:00"))
