"""The book as one PDF, printed by the Chromium that is there."""

import shutil
from pathlib import Path

import pytest

from browsing import chromium
from mlops_lab.book import pdf
from mlops_lab.core.errors import LabError

PAGE = """<html><nav>Menu</nav><article class="bd-article">
<h1>One<a class="headerlink" href="#x">#</a></h1>
<details><summary>Question</summary><p>Answer</p></details>
<details class="sd-dropdown asked-again"><summary class="x">Second</summary><p>Long</p>
</details>
</article><footer>End</footer></html>"""


def test_what_is_printed_is_the_article_with_nothing_folded_and_nothing_twice() -> None:
    text = pdf.printable(PAGE)
    assert "<details open><summary>Question</summary><p>Answer</p>" in text
    assert "<div>Second</div>" in text
    assert "Long" not in text
    assert not {"Menu", "End", "headerlink"} & set(text.replace("<", " ").replace(">", " ").split())


def test_a_page_is_printed_with_its_headings_as_bookmarks(tmp_path: Path) -> None:
    page = tmp_path / "print.html"
    page.write_text(pdf.printable(PAGE), encoding="utf-8")
    pdf.printed(chromium(), page, tmp_path / "book.pdf")
    content = (tmp_path / "book.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Title (One)" in content


def test_where_there_is_no_chromium_pages_are_skipped_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="no chromium; apt-get install chromium"):
        chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(LabError, match="no chromium"):
        chromium()


def test_without_chromium_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    with pytest.raises(LabError, match="no chromium; apt-get install chromium"):
        pdf.write()


def test_what_chromium_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="printed nothing"):
        pdf.printed(Path("false"), tmp_path / "print.html", tmp_path / "book.pdf")
