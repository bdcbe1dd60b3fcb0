"""The built book: links lead somewhere, nothing is fetched from elsewhere, anyone can read it."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from book.axe import flaws
from browsing import PATIENCE, serving
from mlops_lab.book.build import build
from mlops_lab.book.serve import Server
from mlops_lab.core.locks import held
from mlops_lab.core.paths import HTML
from mlops_lab.interview import bank
from mlops_lab.lab import catalog
from mlops_lab.runs.session import LOCK

PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 720}
# The page itself, and each thing that sticks out of it or has to be scrolled to be read.
WIDE = """
() => [document.documentElement, ...document.querySelectorAll(
    '.bd-article :is(pre, table, img, object, figure, details, .cell_output, .sd-card)'
)].filter(e => e.checkVisibility() && (
    e.getBoundingClientRect().right > innerWidth + 1 ||
    e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible' ||
    e === document.documentElement && e.scrollWidth > innerWidth
)).map(e => `${innerWidth}: ${e.outerHTML.slice(0, 160)}`)
"""


@pytest.fixture(scope="session")
def html() -> Path:
    with held(LOCK, "lab run"):
        build()
    return HTML


@pytest.fixture(scope="session")
def pages(html: Path) -> list[Path]:
    # index.html only sends readers on to book/index.html.
    found = sorted(p for p in html.rglob("*.html") if p != html / "index.html")
    found = [path for path in found if "_static" not in path.parts]
    listed = set(catalog.files())
    assert listed <= {path.relative_to(html).with_suffix("").as_posix() for path in found}
    return found


@pytest.fixture(scope="session")
def served(html: Path) -> Iterator[str]:
    with serving(html) as address:
        yield address


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """A page with our limit: the browser's is too short for slow machines."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with opened(browser) as page:
        yield page


@cache  # a large page takes half a second
def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_every_link_and_picture_leads_somewhere(html: Path, pages: list[Path]) -> None:
    ids = {path: {tag["id"] for tag in soup(path).find_all(id=True)} for path in pages}
    broken = []
    for path in pages:
        tags = soup(path).find_all(["a", "img", "script", "link", "object"])
        for link in filter(None, (t.get("href") or t.get("src") or t.get("data") for t in tags)):
            url, anchor = urldefrag(link)
            if urlsplit(url).scheme or (link.startswith(("#", "javascript")) and not anchor):
                continue
            target = (path.parent / unquote(urlsplit(url).path)).resolve() if url else path
            if not target.exists() or (anchor and target in ids and anchor not in ids[target]):
                broken.append(f"{path.relative_to(html)}: {link}")
    assert broken == []


class Visit(NamedTuple):
    """What a page did when it was opened, on a phone and then on a large screen."""

    trouble: list[str]  # what it asked other hosts for, and what it complained about
    wide: list[str]  # what of it did not fit, on either
    flaws: list[str]  # what axe calls serious or critical


class Visitor:
    """Opens pages in one tab: a browser needs a second for each new one."""

    def __init__(self, page: Page) -> None:
        self.page, self.own = page, ""
        self.trouble: list[str] = []
        page.on("request", self._look)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("console", self._complain)

    def load(self, address: str) -> list[str]:
        """Open a page; returns the trouble that it makes, to which more may come."""
        self.trouble, self.own = [], urlsplit(address).netloc
        self.page.goto(address, wait_until="load")
        return self.trouble

    def visit(self, address: str) -> Visit:
        """One load of a page, for everything that is to be seen of it."""
        self.page.set_viewport_size(PHONE)
        self.load(address)
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        wide = self.page.evaluate(WIDE)
        self.page.set_viewport_size(SCREEN)
        wide += self.page.evaluate(WIDE)
        return Visit(self.trouble, wide, flaws(self.page))

    def _look(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.own:
            self.trouble.append(f"asked for {request.url}")

    def _complain(self, message) -> None:
        if message.type == "error":
            self.trouble.append(f"console: {message.text}")


@pytest.fixture(scope="session")
def visits(browser: Browser, pages: list[Path], html: Path, served: str) -> dict[str, Visit]:
    names = [path.relative_to(html).as_posix() for path in pages]
    with opened(browser) as page:
        visitor = Visitor(page)
        return {name: visitor.visit(f"{served}/{name}") for name in names}


def test_no_page_asks_another_host_or_complains(visits: dict[str, Visit]) -> None:
    assert {name: seen.trouble for name, seen in visits.items() if seen.trouble} == {}


def test_no_page_asks_another_host_from_disk(page: Page, pages: list[Path]) -> None:
    visitor = Visitor(page)
    for path in pages:
        trouble = visitor.load(path.as_uri())
        assert [each for each in trouble if each.startswith("asked")] == [], path.name


def test_nothing_is_wider_than_its_page(visits: dict[str, Visit]) -> None:
    assert {name: seen.wide for name, seen in visits.items() if seen.wide} == {}


@pytest.mark.parametrize("what", ["<pre>{}</pre>", "<table><td>{}</table>", "<p>{}</p>"])
def test_what_is_too_wide_is_seen(page: Page, what: str) -> None:
    page.set_viewport_size(PHONE)
    page.set_content(f"<div class='bd-article'>{what.format(200 * 'x')}</div>")
    assert page.evaluate(WIDE)


def test_axe_finds_nothing_serious(visits: dict[str, Visit]) -> None:
    assert {name: seen.flaws for name, seen in visits.items() if seen.flaws} == {}


def test_axe_is_asked(page: Page) -> None:
    page.set_content("<html lang='en'><title>A page</title><main>Words<img src='x'></main></html>")
    assert [flaw.partition(":")[0] for flaw in flaws(page)] == ["image-alt"]


@pytest.mark.parametrize(
    "weak", ["color: #bbb", "background: #777; color: #555", "opacity: .4", "font-size: 14px"]
)
def test_one_weak_text_among_many_is_found(page: Page, weak: str) -> None:
    words = 50 * ["<p style='color: #777; font-size: 24px'>word</p>"]
    words[40] = words[40].replace("px'", f"px; {weak}'")
    page.set_content(f"<html lang='en'><title>A page</title><main>{''.join(words)}</main></html>")
    (flaw,) = flaws(page)
    assert flaw.startswith("color-contrast: ")
    assert weak in flaw


def test_answers_are_collapsed_and_open_by_a_click(page: Page, served: str) -> None:
    topic = bank.topics()[0]
    page.goto(f"{served}/book/questions/{topic.topic}.html")
    answers = page.locator("details.sd-dropdown")
    assert answers.count() == len(topic.questions)
    assert not answers.first.evaluate("d => d.open")
    answers.first.locator("summary").click()
    assert answers.first.evaluate("d => d.open")
    assert page.get_by_text("The trap").first.is_visible()


@pytest.mark.parametrize("stem", catalog.stems())
def test_a_lab_s_page_shows_stamp_answers_and_described_pictures(html: Path, stem: str) -> None:
    body = soup(html / f"notebooks/{stem}.html").find("main")
    text = body.get_text(" ", strip=True)
    assert "Peak memory" in text
    assert " UTC, profile " in text
    assert len(body.select("details.sd-dropdown")) == len(bank.for_lab(stem))
    assert all(len(picture.get("alt", "")) >= 40 for picture in body.select(".cell_output img"))


def test_evidence_links_to_its_cell(html: Path) -> None:
    labels = {f"cell-{cell.lab}-{cell.cell}" for e in bank.entries() for cell in bank.cells(e)}
    anchors = set()
    for stem in catalog.stems():
        anchors |= {t["id"] for t in soup(html / f"notebooks/{stem}.html").find_all(id=True)}
    assert labels <= anchors


def test_a_cell_that_is_evidence_shows_its_name_and_its_step_the_questions(html: Path) -> None:
    for stem in catalog.stems():
        body = soup(html / f"notebooks/{stem}.html").find("main")
        told = body.get_text(" ", strip=True)
        links = {a["href"].partition("#q-")[2] for a in body.select("a[href*='#q-']")}
        assert {entry.id for entry in bank.for_lab(stem)} <= links
        assert all(
            f"Cell {c.cell}" in told for e in bank.entries() for c in bank.cells(e) if c.lab == stem
        )


def test_a_lab_s_number_is_in_its_title_and_in_the_sidebar(html: Path) -> None:
    for spec in catalog.select(None):
        page = soup(html / f"notebooks/{spec.stem}.html")
        assert page.title.text.startswith(spec.name)
        assert spec.name in page.select_one(".bd-sidebar-primary li.current a.current").text


@pytest.mark.parametrize("where", ["served", "html"])
def test_search_shows_titles_with_the_matching_words(
    page: Page, where: str, request: pytest.FixtureRequest
) -> None:
    """Also from disk, where a page may not ask for others."""
    root = request.getfixturevalue(where)
    address = root if where == "served" else root.as_uri()
    page.goto(f"{address}/search.html?q=rollback")
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")
    page.wait_for_function("document.querySelectorAll('#search-results li p.context').length > 4")
    told = page.locator("#search-results li").all_inner_texts()
    assert any("rollback" in text.partition("\n")[2].lower() for text in told)
    links = page.locator("#search-results li a").evaluate_all("links => links.map(l => l.href)")
    assert any(f"/notebooks/{stem}.html" in link for link in links for stem in catalog.stems())


def test_a_reader_who_leaves_while_a_page_loads_is_no_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "long.html").open("wb") as page:
        page.truncate(64 * 2**20)
    server = Server(tmp_path)
    server.daemon_threads = False  # so that closing waits for the answer
    with socket.create_connection(("127.0.0.1", server.server_port)) as reader:
        reader.sendall(b"GET /long.html HTTP/1.0\r\n\r\n")
        server.handle_request()
        reader.recv(1)
        # Closing resets the connection.
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.server_close()
    assert capfd.readouterr().err == ""
