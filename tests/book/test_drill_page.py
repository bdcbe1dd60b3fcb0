"""The drill in the browser: played by keyboard, read by axe, on a phone and offline."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from book.axe import flaws
from book.drilling import KEY, Person
from book.test_book import PHONE, SCREEN, WIDE
from mlops_lab.book import questions
from mlops_lab.book.drill import data
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Cell, Entry

Make = Callable[..., Person]
ENTRIES = {name: entry for entry in bank.entries() for name in [entry.id]}
ORDER = [ENTRIES[row[0]] for _, _, rows in data.topics() for row in rows]
TYPESET = {
    "\u201c": '"',
    "\u201d": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u2013": "--",
    "\u2026": "...",
}
# What is read of a text: its words, and what of them is marked how.
READ = "p, li, code, em, strong, a"
MARKED = f"""
texts => texts.map(text => {{
    const root = document.createElement("div");
    root.append(markdown(text));
    return [...root.querySelectorAll("{READ}")].map(one => [one.localName, one.textContent]);
}})
"""


def plain(words: str) -> str:
    """Words without what a typesetter makes of quotation marks and dashes."""
    for typeset, typed in TYPESET.items():
        words = words.replace(typeset, typed)
    return " ".join(words.replace("`", "").replace("*", "").split())


def reveal_all(person: Person) -> list[str]:
    """Press space until nothing is left to reveal; returns what had the focus each time."""
    seen = []
    while person.page.locator("button.drill-main").count():
        seen.append(person.press(" ").focused)
    return seen


@pytest.mark.parametrize("way", ["file", "http"])
def test_a_card_is_asked_revealed_and_graded_by_keyboard(person: Make, way: str) -> None:
    one = person(way).open().start(limit=2)
    entry, second = ORDER[:2]
    assert plain(one.heading) == plain(entry.question)
    assert one.focused == one.heading
    assert one.press("3").heading == one.heading  # not before the answer
    assert one.kept() == []
    further = [*entry.follow_ups, *entry.chain]
    seen = list(map(plain, reveal_all(one)))
    assert seen[:3] == ["Answer", "What a listener ticks off", "The trap"]
    assert seen[3:-1:2] == [plain(asked.question) for asked in further]
    assert [told.split()[0] for told in seen[4:-1:2]] == [
        plain(asked.answer).split()[0] for asked in further
    ]
    assert seen[-1] == "Evidence"
    one.press("3")
    assert one.status == "Good: due again in 10 minutes."
    assert plain(one.heading) == plain(second.question)
    assert [(review["id"], review["rating"]) for review in one.kept()] == [(entry.id, 3)]
    one.press(" ", "4")
    assert one.status.endswith("2 graded; come back tomorrow.")
    assert one.focused == "What is due"
    assert one.figures()["Graded today"] == "2"
    assert one.figures()["Streak"] == "1 day"
    one.page.reload()
    assert one.ready().figures()["Graded today"] == "2"


def test_again_comes_back_in_the_session_and_good_does_not(person: Make) -> None:
    one = person().open().start(limit=2)
    first = one.heading
    second = one.press(" ", "1").heading
    assert second != first
    assert one.press(" ", "3").heading == first
    assert "the last one" in one.page.locator(".drill-head").inner_text()
    assert one.press(" ", "3").heading == "What is due"


def test_undo_takes_back_and_skip_passes(person: Make) -> None:
    one = person().open().start(limit=3)
    first = one.heading
    assert one.press("u").status == "There is no grade of this session to take back."
    second = one.press(" ", "2").heading
    assert one.press("u").heading == first
    assert one.kept() == []
    assert one.press("s").heading == second
    assert one.press(" ", "3", "s").heading == "What is due"
    assert one.press("u").heading == second  # a session that has ended, too
    assert one.kept() == []


def test_keys_do_nothing_while_one_types_and_space_presses_what_has_the_focus(
    person: Make,
) -> None:
    one = person().open().start()
    one.page.get_by_text("Type it instead").click()
    field = one.page.locator("textarea")
    field.click()
    one.press(" ", "s", "u", "?", "1")
    assert field.input_value() == " su?1"
    one.page.get_by_role("button", name="Show the answer").focus()
    one.press(" ")
    assert one.focused == "Answer"
    one.press(" ")
    one.page.get_by_role("checkbox").first.focus()
    one.press(" ")
    assert "1 of" in one.page.locator(".drill-part").last.inner_text()


def test_the_keys_are_told_and_do_nothing_meanwhile(person: Make) -> None:
    one = person().open().start().press(" ", "?")
    assert one.page.get_by_role("dialog").is_visible()
    one.press("3")
    assert one.kept() == []
    one.press("Escape")
    assert not one.page.get_by_role("dialog").is_visible()
    assert one.focused == "Answer"


def test_topics_and_levels_are_chosen_and_remembered(person: Make) -> None:
    one = person().open()
    one.page.get_by_role("button", name="None").click()
    assert one.figures()["New"] == "0"
    assert one.start().status == "Nothing is chosen that could be asked."
    one.page.get_by_role("button", name="All").click()
    assert one.start(fresh=0).status == "Nothing is due."
    one.start(fresh=10).page.get_by_role("button", name="End").click()
    one.page.get_by_role("button", name="None").click()
    wanted = [entry for topic in bank.topics() if topic.topic == "dvc" for entry in topic.questions]
    one.page.locator("input[value=dvc]").check()
    one.page.locator("input[value=junior]").uncheck()
    one.page.reload()
    seniors = [entry for entry in wanted if entry.level != "junior"]
    assert one.ready().figures()["New"] == str(len(seniors))
    assert plain(one.start(fresh=1).heading) == plain(seniors[0].question)
    assert "the last one" in one.page.locator(".drill-head").inner_text()


def test_what_is_due_longest_is_asked_first_and_no_more_than_asked_for(person: Make) -> None:
    one = person().open()
    due = [("2026-01-02T00:00:00Z", ORDER[40]), ("2026-01-01T00:00:00Z", ORDER[50])]
    rows = [{"id": entry.id, "rating": 3, "at": at} for at, entry in due]
    one.bring({"format": KEY, "version": 1, "reviews": rows})
    assert one.figures()["Due"] == "2"
    one.start(limit=3, fresh=10)
    found = [one.heading, one.press("s").heading, one.press("s").heading]
    expected = [ORDER[50], ORDER[40], ORDER[0]]
    assert list(map(plain, found)) == [plain(entry.question) for entry in expected]
    assert one.press("s").heading == "What is due"


def hrefs(entry: Entry) -> list[str]:
    cells = [
        f"../notebooks/{one.lab}.html#{questions.label(one)}"
        if isinstance(one, Cell)
        else str(one.url)
        for one in entry.evidence
    ]
    topic = next(t.topic for t in bank.topics() if entry in t.questions)
    return [*cells, f"questions/{topic}.html#q-{entry.id}"]


def test_evidence_leads_into_the_book(functions: Page) -> None:
    found = functions.evaluate(
        """() => drill.entries.map(entry =>
            [...evidenceOf(entry).querySelectorAll("a")].map(a => a.getAttribute("href")))"""
    )
    assert found == [hrefs(entry) for entry in ORDER]


def test_a_text_looks_as_it_does_in_the_book(
    functions: Page, small_book: Path, texts: list[str]
) -> None:
    body = BeautifulSoup(
        (small_book / "book/texts.html").read_text(encoding="utf-8"), "html.parser"
    )
    all_shown = functions.evaluate(MARKED, list(map(data.flowing, texts)))
    marks = body.find_all("hr", id=re.compile(r"text-\d+"))
    for mark, text, shown in zip(marks, texts, all_shown, strict=True):
        expected: list[list[str]] = []
        for tag in mark.next_siblings:
            if tag.name == "hr":
                break
            if tag.name:
                marked = [tag, *tag.select(READ)] if tag.name == "p" else tag.select(READ)
                # Sphinx has a paragraph in every point of a list.
                kept = [m for m in marked if m.name != "p" or m.parent.name != "li"]
                expected += [[m.name, plain(m.get_text())] for m in kept]
        assert [[name, plain(words)] for name, words in shown] == expected, text


def test_links_and_strong_words_are_shown_and_markup_is_not_obeyed(functions: Page) -> None:
    text = "**Never** <b>so</b>, see [`this`](x.html):\n- *a*\n- b"
    assert functions.evaluate(MARKED, [text]) == [[
        ["p", "Never <b>so</b>, see this:"], ["strong", "Never"], ["a", "this"], ["code", "this"],
        ["li", "a"], ["em", "a"], ["li", "b"],
    ]]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_fits_a_phone_and_axe_finds_nothing_serious(
    browser: Browser, addresses: dict[str, str], scheme: Any
) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    one = Person(context, addresses["file"]).open()

    def looks_well() -> None:
        wide = []
        for size in (PHONE, SCREEN):
            one.page.set_viewport_size(size)
            wide += one.page.evaluate(WIDE)
        assert wide == []
        assert flaws(one.page) == []

    looks_well()
    days = [f"2026-10-{day:02}T12:00:00Z" for day in range(1, 30)]
    one.page.clock.set_fixed_time("2026-10-30T12:00:00Z")
    one.bring({"format": KEY, "version": 1, "reviews": [
        {"id": ORDER[place % 5].id, "rating": 1 + place % 4, "at": at}
        for place, at in enumerate(days)
    ]})  # fmt: skip
    assert one.page.locator(".drill-plot svg").is_visible()
    looks_well()
    chain = next(entry for entry in ORDER if entry.chain)
    one.start(limit=999, fresh=999)
    while plain(one.heading) != plain(chain.question):
        one.press("s")
    looks_well()
    reveal_all(one)
    looks_well()
    one.press("?")
    looks_well()
    context.close()


def test_what_is_revealed_is_not_hidden_by_the_buttons(person: Make) -> None:
    one = person().open()
    one.page.set_viewport_size(PHONE)
    one.start()
    while one.page.locator("button.drill-main").count():
        one.press(" ")
        top, bar = one.page.evaluate(
            """() => [document.activeElement, document.querySelector(".drill-bar")]
                .map(one => one.getBoundingClientRect().top)"""
        )
        assert 0 <= top < bar
