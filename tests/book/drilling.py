"""The drill's page as the book has it, in a book of its own, and a person at it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

from browsing import PATIENCE
from mlops_lab.book.drill import page as drill
from mlops_lab.core.environment import masked
from mlops_lab.core.paths import BOOK, ROOT
from mlops_lab.interview.deck import exchange

KEY = exchange.FORMAT  # also the name in the browser's storage
PLACE = "book/drill.html"


def build(folder: Path, texts: list[str]) -> Path:
    """A book of two pages: the drill, and texts as the book renders them; returns its pages."""
    source = folder / "source"
    static = source / "book" / "static"
    for path in (BOOK / "static").rglob("*"):
        _write(static / path.relative_to(BOOK / "static"), path)
    _write(source / "book" / "images" / "favicon.svg", BOOK / "images" / "favicon.svg")
    for name, content in drill.files().items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    # A line with an id before each text.
    mark = '\n\n```{{raw}} html\n<hr id="text-{}">\n```\n\n'
    page = "".join(mark.format(number) + text for number, text in enumerate(texts))
    (source / "book" / "texts.md").write_text(f"# Texts\n{page}", encoding="utf-8")
    _write(source / "_config.yml", ROOT / "_config.yml")
    toc = {"format": "jb-book", "root": "book/drill", "chapters": [{"file": "book/texts"}]}
    (source / "_toc.yml").write_text(json.dumps(toc))
    command = [os.path.join(sys.prefix, "bin", "jupyter-book"), "build", str(source), "-q", "-W"]
    subprocess.run([*command, "--path-output", str(folder)], env=masked(), check=True)
    return folder / "_build" / "html"


def _write(target: Path, source: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


class Person:
    """Somebody who drills in one tab."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.trouble: list[str] = []
        self.address = address
        own = urlsplit(address).netloc
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("request", lambda request: self._look(request.url, own))

    def _look(self, url: str, own: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != own:
            self.trouble.append(f"asked for {url}")

    def open(self) -> "Person":
        self.page.goto(self.address)
        return self.ready()

    def ready(self) -> "Person":
        self.page.locator("#drill-page[aria-busy=false] section h2").wait_for()
        return self

    def start(self, **numbers: int) -> "Person":
        for name, value in numbers.items():
            self.page.locator(f"input[name={name}]").fill(str(value))
        self.page.get_by_role("button", name="Start").click()
        return self

    def press(self, *keys: str) -> "Person":
        for key in keys:
            self.page.keyboard.press("Space" if key == " " else key)
        return self

    @property
    def heading(self) -> str:
        return str(self.page.locator("#drill-page section h2").inner_text())

    @property
    def status(self) -> str:
        return str(self.page.locator(".drill-status").inner_text())

    @property
    def problem(self) -> str:
        return str(self.page.locator(".drill-problem").inner_text())

    @property
    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.innerText"))

    def figures(self) -> dict[str, str]:
        rows = self.page.locator(".drill-figures div").all()
        return {r.locator("dt").inner_text(): r.locator("dd").inner_text() for r in rows}

    def kept(self) -> list[dict[str, Any]]:
        """The log in the browser's storage."""
        text = self.page.evaluate(f"localStorage.getItem('{KEY}')")
        return list(json.loads(text)["reviews"]) if text else []

    def keep(self, text: str) -> None:
        """Put something there, as another tab would."""
        self.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])

    def bring(self, document: Any, name: str = "progress.json") -> str:
        """Import a file; returns what the page says to it."""
        text = document if isinstance(document, str) else json.dumps(document)
        content = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
        self.page.locator(".drill-status").evaluate("line => { line.textContent = ''; }")
        self.page.locator("input[type=file]").set_input_files(files=[content])  # type: ignore[list-item]
        self.page.wait_for_function("document.querySelector('.drill-status').textContent")
        return self.status

    def exported(self) -> Any:
        with self.page.expect_download() as started:
            self.page.get_by_role("button", name="Export").last.click()
        return json.loads(Path(started.value.path()).read_text(encoding="utf-8"))


def log(*reviews: tuple[str, int, str]) -> dict[str, Any]:
    """A document of these reviews."""
    rows = [{"id": name, "rating": rating, "at": at} for name, rating, at in reviews]
    return {"format": KEY, "version": 1, "reviews": rows}
