"""The built book: links lead somewhere, nothing is fetched from elsewhere, anyone can read it."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, sync_playwright

from mlops_lab import bank, catalog
from mlops_lab.book.build import build
from mlops_lab.book.serve import Server
from mlops_lab.doctor import browser as find_browser
from mlops_lab.locks import held
from mlops_lab.paths import HTML
from mlops_lab.session import LOCK
from mlops_lab.waiting import LIMIT

PHONE = {"width": 390, "height": 844}


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
    assert len(found) > len(catalog.stems()) + len(bank.topics()) + 5
    return found


@pytest.fixture(scope="session")
def served(html: Path) -> Iterator[str]:
    server = Server(html)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(
            executable_path=path, args=arguments, timeout=1000 * LIMIT
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_default_timeout(1000 * LIMIT)
    yield page
    page.close()


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


def visit(page: Page, address: str) -> list[str]:
    """Open a page and return what it asked other hosts for, and what it complained about."""
    trouble: list[str] = []
    own = urlsplit(address).netloc

    def look(request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != own:
            trouble.append(f"asked for {request.url}")

    page.on("request", look)
    page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
    page.on("console", lambda m: trouble.append(f"console: {m.text}") if m.type == "error" else 0)
    page.goto(address, wait_until="load")
    return trouble


def test_no_page_asks_another_host_or_complains(
    page: Page, pages: list[Path], html: Path, served: str
) -> None:
    for path in pages:
        name = path.relative_to(html).as_posix()
        assert visit(page, f"{served}/{name}") == [], name


def test_no_page_asks_another_host_from_disk(page: Page, pages: list[Path]) -> None:
    for path in pages:
        trouble = [t for t in visit(page, path.as_uri()) if t.startswith("asked")]
        assert trouble == [], path.name


def test_no_page_scrolls_sideways_on_a_phone(
    page: Page, pages: list[Path], html: Path, served: str
) -> None:
    page.set_viewport_size(PHONE)
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(f"{served}/{name}", wait_until="load")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], name


def test_axe_finds_nothing_serious(page: Page, pages: list[Path], html: Path, served: str) -> None:
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = []
    for path in pages:
        name = path.relative_to(html).as_posix()
        page.goto(f"{served}/{name}", wait_until="load")
        # Collapsed answers are read too.
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for rule in Axe().run(page, options=options).response["violations"]:
            if rule["impact"] in ("serious", "critical"):
                found += [f"{name}: {rule['id']}: {n['html'][:160]}" for n in rule["nodes"]]
    assert found == []


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


def test_search_finds_a_word_of_a_lab(page: Page, served: str) -> None:
    page.goto(f"{served}/search.html?q=rollback")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results li").count() >= 1


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
