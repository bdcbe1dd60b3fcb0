"""What opens pages: one browser for all tests of a process, and a server of a folder.

Playwright's synchronous API can be entered once in a process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from mlops_lab.book.serve import Server
from mlops_lab.toolchain.programs import program


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program("chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=0)
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a folder's pages."""
    server = Server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
