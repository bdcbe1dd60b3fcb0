"""The log as a file: out, in, merged, and refused."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from interview.examples import entry
from mlops_lab.core.errors import LabError, Usage
from mlops_lab.interview.deck import Deck, exchange, open_deck

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = entry("t-one"), entry("t-two")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Deck]:
    with open_deck(tmp_path / "other" / "drill.sqlite") as deck:
        yield deck


def dump(deck: Deck) -> tuple[list[object], list[object]]:
    """What the schedule and the log are, whatever the numbers of the reviews."""
    cards = deck.db.execute("select id, due, fsrs from card order by id").fetchall()
    return cards, list(deck.reviews())


def bring(deck: Deck, file: Path) -> tuple[int, Path | None]:
    return exchange.merge(deck, exchange.read(file))


def test_the_form_is_what_the_browser_has_too(deck: Deck, tmp_path: Path) -> None:
    deck.grade(ONE, Rating.Good, NOW, spent=4000)
    file = tmp_path / "drill.json"
    assert exchange.write(deck, file) == 1
    assert json.loads(file.read_text()) == {
        "format": "mlops-interview-lab/drill",
        "version": 1,
        "reviews": [{"id": "t-one", "rating": 3, "at": "2026-11-30T12:00:00.000000+00:00"}],
    }


def test_two_logs_become_one_in_either_direction(deck: Deck, other: Deck, tmp_path: Path) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    other.grade(ONE, Rating.Good, NOW)
    deck.grade(ONE, Rating.Again, NOW + 2 * DAY)
    other.grade(ONE, Rating.Easy, NOW + DAY)
    other.grade(TWO, Rating.Hard, NOW + DAY)
    exchange.write(deck, tmp_path / "deck.json")
    exchange.write(other, tmp_path / "other.json")
    assert bring(deck, tmp_path / "other.json")[0] == 2
    assert bring(other, tmp_path / "deck.json")[0] == 1
    assert dump(deck) == dump(other)
    assert [one.rating for one in deck.reviews()] == [3, 4, 2, 1]


def test_the_schedule_is_that_of_the_whole_log(deck: Deck, other: Deck, tmp_path: Path) -> None:
    """As if one person had given all of the grades in one place."""
    for n, rating in enumerate([3, 4, 1, 3, 2, 3]):
        target = deck if n % 2 else other
        target.grade(ONE, Rating(rating), NOW + n * n * DAY)
    exchange.write(other, tmp_path / "other.json")
    bring(deck, tmp_path / "other.json")
    with open_deck(tmp_path / "one.sqlite") as one:
        for n, rating in enumerate([3, 4, 1, 3, 2, 3]):
            one.grade(ONE, Rating(rating), NOW + n * n * DAY)
        assert dump(one)[1] == dump(deck)[1]
        assert one.dues([ONE]) == deck.dues([ONE])


def test_importing_twice_changes_nothing(deck: Deck, other: Deck, tmp_path: Path) -> None:
    other.grade(ONE, Rating.Good, NOW + timedelta(microseconds=123456))
    file = tmp_path / "other.json"
    exchange.write(other, file)
    assert bring(deck, file)[0] == 1
    before, files = dump(deck), set(tmp_path.iterdir())
    assert bring(deck, file) == (0, None)
    assert dump(deck) == before
    assert set(tmp_path.iterdir()) == files


@pytest.mark.parametrize(
    "at",
    ["2026-11-30T12:00:00.123Z", "2026-11-30T13:00:00.123999+01:00", "2026-11-30 12:00:00.123Z"],
)
def test_a_moment_is_the_same_however_it_is_written(deck: Deck, tmp_path: Path, at: str) -> None:
    deck.grade(ONE, Rating.Good, NOW + timedelta(milliseconds=123))
    file = tmp_path / "browser.json"
    file.write_text(document([{"id": "t-one", "rating": 3, "at": at}]))
    assert bring(deck, file) == (0, None)


def test_the_state_before_is_kept_beside(deck: Deck, tmp_path: Path) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    before = dump(deck)
    backups = []
    for n in (1, 2):
        file = tmp_path / f"{n}.json"
        file.write_text(document([{"id": "t-two", "rating": n, "at": (NOW + n * DAY).isoformat()}]))
        added, backup = bring(deck, file)
        assert added == 1
        assert backup
        backups.append(backup)
    assert len(set(backups)) == 2
    after = dump(deck)
    with open_deck(backups[0]) as restored:
        assert dump(restored) == before != after


def test_an_import_that_fails_changes_nothing(
    deck: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck.grade(ONE, Rating.Good, NOW)
    before = dump(deck)
    monkeypatch.setattr(deck, "_replay", lambda name: 1 / 0)
    file = tmp_path / "new.json"
    file.write_text(document([{"id": "t-two", "rating": 1, "at": NOW.isoformat()}]))
    with pytest.raises(ZeroDivisionError):
        bring(deck, file)
    assert dump(deck) == before


def document(reviews: object, **change: object) -> str:
    whole = {"format": "mlops-interview-lab/drill", "version": 1, "reviews": reviews, **change}
    return json.dumps(whole)


AT = NOW.isoformat()
GOOD = {"id": "t-one", "rating": 3, "at": AT}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "this is not JSON"),
        ('{"format": ', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "its format is not mlops-interview-lab/drill"),
        (document([GOOD], format="anki"), "its format is not mlops-interview-lab/drill"),
        (document([GOOD], version=2), "its version is 2, and this lab reads 1"),
        (document(None), "reviews: Input should be a valid list"),
        (document([GOOD, {**GOOD, "rating": 5}]), "reviews: 1: rating: Input should be less"),
        (document([GOOD, {**GOOD, "rating": 0}]), "reviews: 1: rating: Input should be greater"),
        (document([{**GOOD, "rating": True}]), "reviews: 0: rating: Input should be a valid int"),
        (document([{**GOOD, "rating": 2.5}]), "reviews: 0: rating: Input should be a valid int"),
        (document([{**GOOD, "id": ""}]), "reviews: 0: id: String should have at least 1"),
        (document([{**GOOD, "at": "yesterday"}]), "reviews: 0: at: Input should be a valid dat"),
        (document([{**GOOD, "at": "2026-11-30T12:00"}]), "reviews: 0: at: .* timezone"),
        (document([{**GOOD, "at": "0001-01-01T00:00:00+01:00"}]), "at: .* out of range"),
        (document([{**GOOD, "at": "9999-12-31T00:00:00Z"}]), "at: .* out of range"),
        (document([{"id": "t-one", "rating": 3}]), "reviews: 0: at: Field required"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "some.json"
    file.write_text(text)
    with pytest.raises(LabError, match=says) as told:
        exchange.read(file)
    assert str(told.value).startswith(f"{file}: ")
    assert str(told.value).endswith("; nothing was imported")
    assert "\n" not in str(told.value)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "drill.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute("create table \ufeffé (a)")
    with pytest.raises(LabError, match="this is not JSON"):
        exchange.read(file)
    with pytest.raises(LabError, match="No such file"):
        exchange.read(tmp_path / "nothing.json")


def test_the_optimizer_s_form(deck: Deck, tmp_path: Path) -> None:
    """States: 0 new, 1 learning, 2 review, 3 relearning."""
    deck.grade(ONE, Rating.Good, NOW, spent=61_000)
    deck.grade(ONE, Rating.Good, NOW + DAY, spent=5)
    deck.grade(ONE, Rating.Again, NOW + 5 * DAY)
    deck.grade(ONE, Rating.Good, NOW + 6 * DAY)
    file = tmp_path / "revlog.csv"
    assert exchange.write(deck, file) == 4
    with file.open(newline="") as lines:
        head, *rows = csv.reader(lines)
    assert head == ["card_id", "review_time", "review_rating", "review_state", "review_duration"]
    assert [int(row[1]) for row in rows] == [
        1000 * int((NOW + n * DAY).timestamp()) for n in (0, 1, 5, 6)
    ]
    assert [row[:1] + row[2:] for row in rows] == [
        ["t-one", "3", "0", "61000"],
        ["t-one", "3", "1", "5"],
        ["t-one", "1", "2", ""],
        ["t-one", "3", "3", ""],
    ]


def test_another_suffix_is_refused_so_that_no_deck_is_written_over(
    deck: Deck, tmp_path: Path
) -> None:
    with pytest.raises(Usage, match=r"has to end in \.json or \.csv"):
        exchange.write(deck, deck.path)
    with pytest.raises(LabError, match="No such file"):
        exchange.write(deck, tmp_path / "nowhere" / "drill.json")
