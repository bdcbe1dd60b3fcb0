"""A search finds a question by its words and by those of its answer, and leads to it, opened."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browsing import PATIENCE, serving
from conftest import run
from mlops_lab.book import questions
from mlops_lab.core.environment import masked
from mlops_lab.core.paths import BOOK, ROOT
from mlops_lab.interview import bank

TOPICS = [topic for topic in bank.topics() if topic.topic in ("dvc", "mlflow", "gitops")]
ASKED = "dvc-why-not-git-lfs"
ENTRY = next(entry for entry in bank.entries() if entry.id == ASKED)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of three topics; what their links to labs lead to is not in it."""
    folder = tmp_path_factory.mktemp("searched")
    book = folder / "source" / "book"
    (book / "questions").mkdir(parents=True)
    (book / "static").mkdir()
    for name in ("page.css", "questions.js"):
        (book / "static" / name).write_bytes((BOOK / "static" / name).read_bytes())
    (book / "images").mkdir()
    (book / "images/favicon.svg").write_bytes((BOOK / "images/favicon.svg").read_bytes())
    (book / "index.md").write_text(f"# Also here\n\n{ENTRY.question} {ENTRY.answer}\n")
    for topic in TOPICS:
        (book / f"questions/{topic.topic}.md").write_text(questions.page(topic))
    (folder / "source/_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
    chapters = [{"file": f"book/questions/{topic.topic}"} for topic in TOPICS]
    toc = {"format": "jb-book", "root": "book/index", "chapters": chapters}
    (folder / "source/_toc.yml").write_text(json.dumps(toc))
    command = [os.path.join(sys.prefix, "bin", "jupyter-book"), "build", folder / "source"]
    command += ["-q", "--path-output", folder]
    run(*command, env=masked())
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def roots(pages: Path) -> Iterator[dict[str, str]]:
    """The book's address over HTTP, and from disk."""
    with serving(pages) as served:
        yield {"http": served, "file": pages.as_uri()}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page


def found(page: Page, root: str, words: str) -> list[str]:
    """Search, and return where each result leads, as soon as all are there."""
    page.goto(f"{root}/search.html?q={words}")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")
    links = page.locator("#search-results li > a")
    return links.evaluate_all("links => links.map(link => link.getAttribute('href'))")


WORDS = {
    "the question": " ".join(ENTRY.question.replace("?", "").replace(",", "").split()),
    "the question's words in another order": "LFS git models data",
    "the answer": " ".join(ENTRY.answer.replace(".", "").split()[:12]),
    "other forms of words of the answer": "rewrites clones pointers",
}


@pytest.mark.parametrize("way", ["http", "file"])
@pytest.mark.parametrize("kind", WORDS)
def test_a_question_is_found_and_opened(
    page: Page, roots: dict[str, str], way: str, kind: str
) -> None:
    links = found(page, roots[way], WORDS[kind])
    place = f"book/questions/dvc.html#q-{ASKED}"
    assert place in links
    assert "book/questions/dvc.html" not in links, "a page of which a question was found"
    page.locator(f"#search-results a[href='{place}']").click()
    page.wait_for_function(f"document.getElementById('q-{ASKED}')?.open")
    opened = page.locator("details.sd-dropdown[open]")
    assert opened.count() == 1
    assert ENTRY.question in opened.inner_text()
    assert opened.evaluate("d => Math.abs(d.getBoundingClientRect().top) < innerHeight / 2")


def test_a_question_with_the_words_comes_before_all_that_has_them_in_its_text(
    page: Page, roots: dict[str, str]
) -> None:
    links = found(page, roots["http"], WORDS["the question"])
    assert links[0].endswith(f"#q-{ASKED}")
    assert "book/index.html" in links


def test_words_of_several_questions_lead_to_their_page(page: Page, roots: dict[str, str]) -> None:
    one, two = "lakeFS", "customer demands"
    assert any("#q-" in link for link in found(page, roots["http"], one))
    assert any("#q-" in link for link in found(page, roots["http"], two))
    assert found(page, roots["http"], f"{one} {two}") == ["book/questions/dvc.html"]


@pytest.mark.parametrize("way", ["http", "file"])
def test_a_result_cites_the_question(page: Page, roots: dict[str, str], way: str) -> None:
    found(page, roots[way], "lakeFS")
    told = page.locator("#search-results li:has(a[href*='#q-dvc-alternatives']) p.context")
    assert "lakeFS" in told.inner_text()


def test_a_link_within_a_page_opens_its_question(page: Page, roots: dict[str, str]) -> None:
    page.goto(f"{roots['file']}/book/questions/dvc.html")
    assert page.locator("details[open]").count() == 0
    page.evaluate(f"location.hash = 'q-{ASKED}'")
    page.wait_for_function(f"document.getElementById('q-{ASKED}').open")
    assert "native code" in page.evaluate("String(window.open)"), "other scripts may call it"
