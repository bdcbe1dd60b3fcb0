"""The drill's log in the browser: scheduled as py-fsrs does it, merged, and never lost."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fsrs import Card, Rating, Scheduler
from playwright.sync_api import BrowserContext, Page

from book.drilling import KEY, Person, log
from mlops_lab.interview import bank
from mlops_lab.interview.deck import exchange, open_deck

Make = Callable[..., Person]
IDS = [entry.id for entry in bank.entries()]
START = datetime(2026, 1, 1, 8, tzinfo=UTC)
NOON = "2026-11-30T12:00:00.000000+00:00"
# What the page makes of a log: when each card is due.
DUES = """
async reviews => {
    const {library} = await unpack(PACKED);
    drill.schedule.load(library);
    const cards = drill.schedule.replay(reviews);
    return Object.fromEntries([...cards].map(([id, card]) => [id, formatTime(card.due)]));
}
"""
BLOCKED = """
Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("not here", "SecurityError"); }
});
"""
FULL = f"""
const set = Storage.prototype.setItem;
Storage.prototype.setItem = function(key, text) {{
    if (key === "{KEY}" && !window.room) throw new DOMException("no room", "QuotaExceededError");
    set.call(this, key, text);
}};
"""

REFUSED: list[tuple[Any, str]] = [
    ("{", "this is no JSON"),
    ("null", "this is no progress of the drill"),
    ({**log(), "format": "other"}, "this is no progress of the drill"),
    ({**log(), "version": 2}, "its version is 2, and this page knows 1"),
    (log(("a-b", 3, NOON), ("a-c", 5, NOON)), "review 2 has the rating 5"),
    (log(("a-b", True, NOON)), "review 1 has the rating true"),
    (log(("", 3, NOON)), "review 1 has no id"),
    (log(("a-b", 3, "2026-11-30T12:00:00")), "review 1 has no time with an offset"),
]


def generated(seed: int, count: int) -> list[dict[str, Any]]:
    """A log with all kinds of waits: within a minute, about a day, long ones, and at once."""
    chance, now, reviews = random.Random(seed), START, []
    waits = (0, 0.4, 61, 400, 3600, 5 * 3600)
    for _ in range(count):
        now += timedelta(seconds=chance.choice(waits), milliseconds=chance.randrange(1, 1000))
        name = chance.choice(IDS[:40])
        rating = chance.choices([1, 2, 3, 4], [2, 2, 6, 1])[0]
        reviews.append({"id": name, "rating": rating, "at": now.isoformat(timespec="microseconds")})
    for name in IDS[:20]:
        last = max((r["at"] for r in reviews if r["id"] == name), default=now.isoformat())
        # A day but for a millisecond, exactly a day, and the interval of a year.
        for wait in (timedelta(days=1, milliseconds=-1), timedelta(days=1), timedelta(days=365)):
            at = (datetime.fromisoformat(last) + wait).isoformat(timespec="microseconds")
            reviews.append({"id": name, "rating": chance.choice([2, 3, 4]), "at": at})
            last = at
    return sorted(reviews, key=lambda review: review["at"])


def dues(reviews: list[dict[str, Any]]) -> dict[str, str]:
    """The same by py-fsrs."""
    scheduler, cards = Scheduler(enable_fuzzing=False), dict[str, Card]()
    for review in reviews:
        at = datetime.fromisoformat(review["at"]).astimezone(UTC)
        card = cards.get(review["id"]) or Card(card_id=1, due=at)
        cards[review["id"]], _ = scheduler.review_card(card, Rating(review["rating"]), at)
    return {name: card.due.isoformat(timespec="microseconds") for name, card in cards.items()}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_log_has_the_due_times_of_py_fsrs(person: Make, seed: int) -> None:
    reviews = generated(seed, 700)
    one = person().open()
    said = one.bring({"format": KEY, "version": 1, "reviews": reviews})
    assert f"{len(reviews)} new," in said
    assert one.kept() == reviews
    assert one.page.evaluate(DUES, one.kept()) == dues(reviews)


def test_each_grade_says_what_py_fsrs_would(person: Make) -> None:
    one = person().open().start()
    offered = one.press(" ").page.locator(".drill-grades small").all_inner_texts()
    assert offered == ["1 min", "6 mins", "10 mins", "8 days"]
    one.press("4")
    (review,) = one.kept()
    due = datetime.fromisoformat(dues([review])[review["id"]])
    assert due - datetime.fromisoformat(review["at"]) == timedelta(days=8)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NOON, NOON),
        ("2026-11-30T12:00:00Z", NOON),
        ("2026-11-30 13:00+01:00", NOON),
        ("20261130T113000-0030", NOON),
        ("2026-11-30T12:00:00.0009999Z", NOON),
        ("2026-11-30T12:00:00,5Z", "2026-11-30T12:00:00.500000+00:00"),
        ("2026-12-01T00:30:00+12:30", NOON),
        ("2026-11-30T12:00:00", None),
        ("2026-11-31T12:00:00Z", None),
        ("2026-11-30T24:00:00Z", None),
        ("2026-11-30T12:60:00Z", None),
        ("1999-12-31T12:00:00Z", None),
        ("today", None),
        (7, None),
    ],
)
def test_a_time_is_any_of_iso_8601_with_an_offset(
    functions: Page, text: object, found: object
) -> None:
    code = "text => { const t = parseTime(text); return Number.isNaN(t) ? null : formatTime(t); }"
    assert functions.evaluate(code, text) == found


def test_progress_goes_out_and_comes_in_and_logs_become_one(person: Make) -> None:
    one = person().open()
    first, second = log((IDS[0], 3, NOON)), log((IDS[1], 1, "2026-11-29T12:00:00Z"))
    assert one.bring(first) == "progress.json: 1 new, 1 in all."
    assert one.exported() == first
    both = {**first, "reviews": second["reviews"] + first["reviews"]}
    assert one.bring(both) == "progress.json: 1 new, 2 in all."
    assert one.bring(both) == "progress.json: 0 new, 2 in all."
    assert [review["id"] for review in one.exported()["reviews"]] == [IDS[1], IDS[0]]


def test_browser_and_terminal_have_the_same_schedule_both_ways(
    person: Make, tmp_path: Path
) -> None:
    """Graded in the browser, taken to the terminal, graded there, and brought back."""
    reviews = generated(4, 300)
    one = person().open()
    one.bring({"format": KEY, "version": 1, "reviews": reviews})
    (tmp_path / "browser.json").write_text(json.dumps(one.exported()))
    with open_deck(tmp_path / "drill.sqlite") as deck:
        exchange.merge(deck, exchange.read(tmp_path / "browser.json"))
        entries = [entry for entry in bank.entries() if entry.id in IDS[:60]]
        later = max(datetime.fromisoformat(review["at"]) for review in reviews) + timedelta(days=1)
        for entry in entries[35:50]:  # some are new
            deck.grade(entry, Rating.Good, later)
        exchange.write(deck, tmp_path / "terminal.json")
        rows = deck.db.execute("select id, due from card").fetchall()
    one.bring(json.loads((tmp_path / "terminal.json").read_text()))
    assert one.exported() == json.loads((tmp_path / "terminal.json").read_text())
    assert one.page.evaluate(DUES, one.kept()) == dict(rows)


def test_what_is_no_progress_changes_nothing(person: Make) -> None:
    one = person().open()
    one.bring(log((IDS[0], 3, NOON)))
    before = one.kept()
    for document, why in REFUSED:
        said = one.bring(document)
        assert said.startswith(f"progress.json: {why}")
        assert said.endswith(". Nothing has changed.")
        assert "\n" not in said
        assert one.kept() == before


def test_a_former_id_is_the_present_one_and_a_removed_question_stays_in_the_log(
    person: Make,
) -> None:
    entry = next(entry for entry in bank.entries() if entry.was)
    one = person().open()
    one.bring(log((entry.was[0], 3, NOON), ("no-longer-asked", 2, NOON)))
    ids = [review["id"] for review in one.exported()["reviews"]]
    assert sorted(ids) == sorted([entry.id, "no-longer-asked"])
    assert one.figures()["New"] == str(len(IDS) - 1)


def test_without_storage_it_asks_and_says_that_nothing_is_kept(
    context: BrowserContext, person: Make
) -> None:
    context.add_init_script(BLOCKED)
    one = person().open().start().press(" ", "3")
    assert one.problem.startswith("Your progress will not be kept: this browser gives the page no")
    assert [review["rating"] for review in one.exported()["reviews"]] == [3]
    one.press("u")
    assert one.exported()["reviews"] == []
    # The book's theme looks for a storage without expecting that there may be none.
    assert set(one.trouble) == {"error: not here"}
    one.trouble.clear()


def test_a_full_storage_is_told_until_it_has_room(context: BrowserContext, person: Make) -> None:
    context.add_init_script(FULL)
    one = person().open().start().press(" ", "3")
    assert "the browser's storage for this page is full" in one.problem
    assert len(one.exported()["reviews"]) == 1
    one.page.evaluate("window.room = true")
    one.page.locator("#drill-question").focus()
    one.press(" ", "3")
    assert one.problem == ""
    assert len(one.kept()) == 2


@pytest.mark.parametrize(
    ("damaged", "rest"),
    [
        ('{"format"', []),
        ("[]", []),
        (json.dumps(log((IDS[0], 3, NOON), (IDS[1], 9, NOON))), [IDS[0]]),
    ],
)
def test_what_is_damaged_is_put_aside_and_never_overwritten(
    person: Make, damaged: str, rest: list[str]
) -> None:
    one = person().open()
    one.keep(damaged)
    one.page.reload()
    assert "What was kept here is damaged" in one.ready().problem
    one.start().press(" ", "3")
    one.page.reload()
    assert one.ready().problem == ""
    assert [review["id"] for review in one.kept()][: len(rest)] == rest
    assert len(one.kept()) == len(rest) + 1
    kept = one.page.evaluate("Object.entries(localStorage)")
    assert [text for key, text in kept if "damaged" in key] == [damaged]


def test_what_a_newer_page_has_kept_stays_as_it_is(person: Make) -> None:
    newer = json.dumps({**log(), "version": 2, "more": "things"})
    one = person().open()
    one.keep(newer)
    one.page.reload()
    assert "newer version" in one.ready().problem
    one.start().press(" ", "3")
    assert one.page.evaluate(f"localStorage.getItem('{KEY}')") == newer
    assert len(one.exported()["reviews"]) == 1


def test_a_clock_that_was_set_back_loses_no_review_and_no_order(person: Make) -> None:
    one = person()
    one.page.clock.set_fixed_time("2026-11-30T12:00:00Z")
    one.open().start(limit=1).press(" ", "1")
    one.page.clock.set_fixed_time("2026-11-01T12:00:00Z")
    one.press(" ", "1").press(" ", "3")
    times = [review["at"] for review in one.kept()]
    assert times == [NOON, NOON.replace(".000", ".001"), NOON.replace(".000", ".002")]


def tabs(person: Make) -> tuple[Person, Person]:
    return person("http").open(), person("http").open()


def graded(one: Person, count: int) -> None:
    """Wait until the tab has heard of it."""
    one.page.wait_for_function(
        """count => [...document.querySelectorAll(".drill-figures div")].some(row =>
            row.innerText.startsWith("Graded today") && row.innerText.endsWith(`\\n${count}`))""",
        arg=count,
    )


def test_two_tabs_lose_nothing_of_one_another(person: Make) -> None:
    one, two = tabs(person)
    one.start().press(" ", "3")
    graded(two, 1)
    two.start().press(" ", "4")
    one.press(" ", "2")
    assert sorted(review["rating"] for review in one.kept()) == [2, 3, 4]
    two.page.get_by_role("button", name="End").click()
    graded(two, 3)


def test_what_another_tab_wrote_over_comes_back(person: Make) -> None:
    one, two = tabs(person)
    one.start().press(" ", "3")
    mine = one.kept()
    graded(two, 1)
    two.keep(json.dumps(log((IDS[5], 3, NOON))))
    one.page.wait_for_function(
        f"JSON.parse(localStorage.getItem('{KEY}')).reviews.length === 2", polling=50
    )
    assert mine[0] in one.kept()


def test_what_was_taken_back_is_not_brought_back_by_another_tab(person: Make) -> None:
    one, two = tabs(person)
    one.start().press(" ", "3")
    graded(two, 1)
    one.press("u")
    graded(two, 0)
    two.start(limit=2).press("s", " ", "4")
    assert [review["rating"] for review in one.kept()] == [4]
