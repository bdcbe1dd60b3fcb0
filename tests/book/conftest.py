"""What the tests of the drill's page share: its book, and people."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from book import drilling
from book.drilling import PLACE, Person
from browsing import serving
from conftest import noon
from mlops_lab.interview import bank


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """The bank's longest texts, which the small book renders as well."""
    return [entry.answer for entry in bank.entries()]


@pytest.fixture(scope="session")
def small_book(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Path:
    return drilling.build(tmp_path_factory.mktemp("book"), texts)


@pytest.fixture(scope="session")
def addresses(small_book: Path) -> Iterator[dict[str, str]]:
    """The page over HTTP, and from disk."""
    with serving(small_book) as served:
        yield {"http": f"{served}/{PLACE}", "file": (small_book / PLACE).as_uri()}


@pytest.fixture(scope="module")
def functions(browser: Browser, addresses: dict[str, str]) -> Iterator[Page]:
    """A tab for what the page's functions make of something, which leaves no trace."""
    context = browser.new_context()
    yield Person(context, addresses["file"]).open().page
    context.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser's profile with nothing in it, where it is about noon."""
    context = browser.new_context(timezone_id=noon().name)
    yield context
    context.close()


@pytest.fixture
def person(context: BrowserContext, addresses: dict[str, str]) -> Iterator[Callable[..., Person]]:
    """Make somebody in that profile, who meets no error and no other host."""
    people: list[Person] = []

    def make(way: str = "file") -> Person:
        people.append(Person(context, addresses[way]))
        return people[-1]

    yield make
    assert [trouble for one in people for trouble in one.trouble] == []
