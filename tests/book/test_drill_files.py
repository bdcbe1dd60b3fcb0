"""The files of the drill's page: small, whole, and none waits for what it does not need."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from book.drilling import PLACE, Person
from mlops_lab.book.drill import data, pack
from mlops_lab.book.drill import page as drill
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import npm

KIB = 1024


@pytest.mark.parametrize("text", ["", "a " * 999, '\n\r"\\`${}' * 50, 'the "of"\\u201c and '])
def test_what_is_packed_is_unpacked(functions: Page, text: str) -> None:
    packed = pack.packed(f'{{"topics":["{text.encode("unicode_escape").hex()}"]}}')
    assert not {"\n", "\r", '"', "\\"} & set(packed)
    assert packed.encode("utf-16").decode("utf-16") == packed
    found = functions.evaluate("packed => unpack(packed)", packed)
    assert bytes.fromhex(found["topics"][0]).decode("unicode_escape") == text


def test_the_first_screen_waits_for_no_text(
    context: BrowserContext, addresses: dict[str, str]
) -> None:
    held: list[Route] = []
    one = Person(context, addresses["http"])
    one.page.route("**/bank.js*", lambda route: held.append(route))
    one.page.goto(one.address, wait_until="commit")
    one.page.locator("#drill-page[aria-busy=true] section h2").wait_for()
    assert one.figures()["New"] == str(len(data.texts()))
    assert one.start(limit=1).status == "The questions are on their way."
    while not held:
        one.page.evaluate("() => new Promise(requestAnimationFrame)")
    held[0].continue_()
    one.page.locator("#drill-question").wait_for()
    one.press(" ", "3")
    assert one.status.endswith("1 graded; come back tomorrow.")


def test_the_scripts_say_nothing_that_only_a_reader_of_their_source_needs() -> None:
    script = drill.program().decode()
    assert "/**" not in script
    assert not re.search(r"^(?:\s|//)", script, re.MULTILINE)


def test_the_files_are_small(small_book: Path) -> None:
    files = [small_book / PLACE, *(small_book / "_static" / "drill").iterdir()]
    # The page of the whole book has more links beside it.
    assert sum(path.stat().st_size for path in files) < 385 * KIB


def test_without_the_scheduler_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def offline(name: str) -> Path:
        raise LabError("cannot get it: no route")

    monkeypatch.setattr(npm, "package", offline)
    assert drill.files() == {"book/drill.md": drill.ABSENT.encode()}
    assert (
        capsys.readouterr().out == "the book's drill page asks nothing: cannot get it: no route\n"
    )
