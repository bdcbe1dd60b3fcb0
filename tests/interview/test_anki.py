"""The deck for Anki, imported by Anki's own library: a newer one updates and forgets nothing."""

import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from book.axe import flaws
from conftest import ROOT, Mini, had, run
from interview.examples import entry
from mlops_lab.interview import anki, bank
from mlops_lab.interview.bank import Topic
from mlops_lab.toolchain import cache, wheels

TOOL = Path(__file__).parent / "anki_tool"
BEFORE, AFTER = 1_790_000_000, 1_790_000_060  # a minute makes a deck newer
LESSON = ["EASY", "AGAIN", "GOOD"]
# Of the note type, of the deck dvc, and of the question dvc-one.
IDS = (1535099421, 1240144553, "m#b<]nosF+")


def topic(*entries: bank.Entry) -> Topic:
    about = "Questions about data versioning."
    return Topic(topic="dvc", title="Data versioning", about=about, questions=list(entries))


@pytest.fixture(scope="module")
def library() -> Path:
    """Anki's library, in a folder of the cache."""
    requirements = TOOL / "requirements.txt"

    def install(path: Path) -> None:
        wheels.install(requirements, path, "Anki's library", "the deck is not imported")

    with had():
        return cache.obtain(f"anki/{cache.key(requirements, sys.version)}", install)


@pytest.fixture(scope="module")
def told(library: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Anki says after the first deck, after some learning, and after the second deck."""
    folder = tmp_path_factory.mktemp("anki")
    one, two, three = entry("dvc-one"), entry("dvc-two"), entry("dvc-three")
    chain = [{"question": f"And deeper, {n}, why?", "answer": "For that reason."} for n in "123"]
    changed = entry("dvc-one").model_copy(update={"answer": "Other words. " * 30})
    renamed = bank.Entry.model_validate(
        {**two.model_dump(mode="json"), "id": "dvc-second", "was": ["dvc-two"], "chain": chain}
    )
    again = bank.Entry.model_validate(
        {**three.model_dump(mode="json"), "id": "dvc-third", "was": ["dvc-three", "dvc-3rd"]}
    )
    first, second = folder / "first.apkg", folder / "second.apkg"
    anki.write(first, [topic(one, two, three)], BEFORE)
    anki.write(second, [topic(entry("dvc-new"), changed, renamed, again)], AFTER)
    command = [sys.executable, TOOL / "learn.py", folder, first, second, json.dumps(LESSON)]
    done = run(*command, env={**os.environ, "PYTHONPATH": str(library)})
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_each_question_is_one_note_and_one_card(told: dict[str, Any]) -> None:
    assert told["first"] == {**dict.fromkeys(told["first"], 0), "new": 3}
    assert list(told["learned"]) == ["dvc-one", "dvc-two", "dvc-three"]
    assert {note["deck"] for note in told["learned"].values()} == {f"{anki.NAME}::dvc"}
    assert told["learned"]["dvc-one"]["tags"] == ["lab::02-dvc-s3", "level::mid", "topic::dvc"]


def test_a_newer_deck_updates_what_changed_and_adds_what_is_new(told: dict[str, Any]) -> None:
    assert told["second"]["new"] == 1
    assert set(told["now"]) == {"dvc-one", "dvc-second", "dvc-third", "dvc-new"}
    assert "Other words." in told["now"]["dvc-one"]["fields"]["Answer"]
    assert "And deeper, 3, why?" in told["now"]["dvc-second"]["fields"]["Chain"]
    assert told["types"].count(anki.NAME) == 1
    assert not [name for name in told["types"] if name.startswith(f"{anki.NAME}-")]
    assert [name for name in told["decks"] if name.startswith(anki.NAME)] == [
        anki.NAME,
        f"{anki.NAME}::dvc",
    ]


def test_what_was_learned_is_still_known(told: dict[str, Any]) -> None:
    before, now = told["learned"], told["now"]
    assert [before[name]["reviews"] for name in before] == [1, 1, 1]
    assert before["dvc-one"]["known"]["ivl"] > 0
    for old, new in [("dvc-one", "dvc-one"), ("dvc-two", "dvc-second"), ("dvc-three", "dvc-third")]:
        assert now[new]["known"] == before[old]["known"]
        assert now[new]["reviews"] == before[old]["reviews"]
    assert now["dvc-new"]["known"]["reps"] == 0


NARROW = """
() => [document.documentElement, ...document.querySelectorAll('*')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
    .map(e => e.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("mode", ["card", "card nightMode", "card night_mode"])
def test_a_card_can_be_read_on_a_phone_by_day_and_by_night(
    browser: Browser, told: dict[str, Any], mode: str
) -> None:
    shown = told["card"]["answer"]
    assert "The usual wrong words." in shown
    page = f"<!doctype html><html lang='en'><title>A card</title><body class='{mode}'><main>"
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.set_content(page + shown + "</main></body></html>")
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    color = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (color == "rgb(255, 255, 255)") == (mode == "card")
    assert tab.evaluate(NARROW) == []
    assert flaws(tab) == []
    tab.close()


def test_the_same_bank_and_moment_make_the_same_bytes(tmp_path: Path) -> None:
    for name, when in [("one", BEFORE), ("two", BEFORE), ("later", AFTER)]:
        anki.write(tmp_path / name, bank.topics(), when)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "later").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["later", "one", "two"]


def test_every_question_of_the_bank_has_an_id_and_a_deck_of_its_own() -> None:
    decks = anki._decks(bank.topics())
    notes = [note for deck in decks for note in deck.notes]
    assert len({note.guid for note in notes}) == len(bank.entries())
    assert len({deck.deck_id for deck in decks}) == len(bank.topics())
    assert all(len(note.fields) == len(anki.FIELDS) for note in notes)


def test_what_anki_would_take_for_its_own_is_in_no_card() -> None:
    """It plays [sound:…], and typesets what stands in \\( or [latex]."""
    own = re.compile(r"\[(?:sound|anki|latex|\$)|\\[(\[]")
    found = [e.id for e in bank.entries() if own.search("".join(anki._fields(e).values()))]
    assert found == []


def test_the_ids_are_those_that_people_have_in_their_collections() -> None:
    """Whoever changes these doubles the cards of everybody."""
    one = entry("dvc-one")
    note = anki._note(one, topic(one), 1)
    assert (note.model.model_id, anki._number("deck", "dvc"), note.guid) == IDS


def test_markup_of_the_bank_is_shown_and_raw_html_is_text() -> None:
    shown = entry("dvc-one").model_copy(update={"question": "Why `<none>`\nand <b>not</b> a tag?"})
    asked = anki._fields(shown)["Question"]
    assert asked == "Why <code>&lt;none&gt;</code> and &lt;b&gt;not&lt;/b&gt; a tag?"


def test_the_command_writes_where_it_is_told(mini: Mini, tmp_path: Path) -> None:
    known = next(one for one in bank.topics() if one.topic == "dvc")
    file = Path("labs/interview/dvc.yml")
    (mini.root / file).write_bytes((ROOT / file).read_bytes())
    path = tmp_path / "mine.apkg"
    assert mini.call("anki", str(path)).stdout == f"{len(known.questions)} questions: {path}\n"
    assert zipfile.is_zipfile(path)
    assert mini.call("anki").returncode == 0
    assert (mini.root / "build" / anki.FILE).exists()


@pytest.mark.parametrize("where", ["", "nowhere/deck.apkg", "/proc/deck.apkg"])
def test_a_place_that_is_none_is_one_line(mini: Mini, tmp_path: Path, where: str) -> None:
    done = mini.call("anki", str(tmp_path / where))
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"lab: {tmp_path / where}: ")
