"""What opens pages: one browser for all tests of a process, and a server of a folder.

Playwright's synchronous API can be entered once in a process. It is imported where it is used:
every pytest imports this file, those in which tests start others, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import answering, had
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain.programs import program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PATIENCE = LIMIT * 1000  # milliseconds, for whatever a page is asked


def chromium() -> Path:
    """The browser. Where there is none, what needs it is skipped; in CI that is a failure."""
    with had():
        return program("chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            timeout=PATIENCE,
        )
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a folder's pages."""
    from mlops_lab.book.serve import Server

    with answering(Server(folder)) as address:
        yield address
