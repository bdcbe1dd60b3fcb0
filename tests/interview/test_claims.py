"""What the bank and the book say can be looked up: files exist, sources stand still."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Entry, Source

ENTRIES = bank.entries()
PAGES = sorted((ROOT / "book").glob("*.md"))
# A path of this repository begins with one of its folders; `data/churn.csv` is of a lab's project.
FOLDERS = {"book", "kind-cluster", "labs", "notebooks", "scripts", "tests"}
QUOTED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+)/?`")
MOVES = re.compile(r"/(?:blob|tree|raw)/(?:main|master|HEAD)(?:/|$)")
WITHOUT_VERSION = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/?$")


def paths(text: str) -> Iterator[str]:
    """The paths of this repository that `text` has in backticks."""
    for path in QUOTED.findall(text):
        if path.partition("/")[0] in FOLDERS:
            yield path


def texts(one: Entry) -> str:
    """All that an entry says."""
    further = [*one.follow_ups, *one.chain]
    follow_ups = (text for each in further for text in (each.question, each.answer))
    said = (one.question, one.answer, *one.key_points, *follow_ups, one.trap.wrong, one.trap.why)
    return "\n".join(said)


def exist(text: str) -> None:
    missing = [path for path in paths(text) if not (ROOT / path).exists()]
    assert not missing


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_every_file_that_an_entry_names_is_there(one: Entry) -> None:
    exist(texts(one))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    exist(page.read_text(encoding="utf-8"))


def test_paths_are_told_from_other_names() -> None:
    text = "`labs/churn/api.py`, `labs/nowhere/`, `data/churn.csv`, `/v2/models/churn`, `dvc.lock`"
    assert list(paths(text)) == ["labs/churn/api.py", "labs/nowhere"]
    assert any(list(paths(texts(one))) for one in ENTRIES)
    with pytest.raises(AssertionError):
        exist(text)


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_no_source_moves(one: Entry) -> None:
    """It names a tag, a commit, a thread or a page that `read` dates."""
    urls = [str(each.url) for each in one.evidence if isinstance(each, Source)]
    assert not [url for url in urls if MOVES.search(url) or WITHOUT_VERSION.match(url)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_link_of_a_page_moves(page: Path) -> None:
    assert not MOVES.search(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("url", "moves"),
    [
        ("https://github.com/a/b/blob/main/x.md", True),
        ("https://github.com/a/b/tree/master", True),
        ("https://github.com/a/b/blob/v1.0/main/x.md", False),
        ("https://github.com/a/b/blob/main-2/x.md", False),
    ],
)
def test_what_moves(url: str, moves: bool) -> None:
    assert bool(MOVES.search(url)) is moves
