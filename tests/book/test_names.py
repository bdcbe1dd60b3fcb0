"""What prose names is there: labs by their numbers, pages by their titles, files by their paths."""

import json
import re
from collections.abc import Iterator

import pytest

from conftest import ROOT
from mlops_lab.book import coverage, plan, start
from mlops_lab.lab import catalog

SPECS = catalog.select(None)
NUMBERS = {spec.number for spec in SPECS}
NUMBER = r"\d\d[a-z]?\b"
NAMED = re.compile(
    rf"(?:\b[Ll]abs?|\./lab (?:run|open|up|record)) ((?:{NUMBER}(?:, | and | to | or | )?)+)"
)
PARTS = re.compile(r"\bPart \d")
PAGE = re.compile(r"\bpage \"([^\"]+)\"")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def texts() -> Iterator[tuple[str, str]]:
    """All that a reader is told, by where it stands."""
    for folder, kinds in (("book", "md d2 svg"), ("labs", "yml md d2"), (".", "md yml")):
        glob = ROOT.glob if folder == "." else (ROOT / folder).rglob
        for path in (path for kind in kinds.split() for path in glob(f"*.{kind}")):
            if not {"build", ".venv"} & set(path.relative_to(ROOT).parts):
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for spec in SPECS:
        cells = json.loads(spec.path.read_text(encoding="utf-8"))["cells"]
        told = ("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        yield f"notebooks/{spec.path.name}", "\n".join(told)
    yield "book/labs.md", start.cards(SPECS)
    yield "book/plan.md", plan.page(SPECS)
    yield "book/coverage.md", coverage.page(SPECS, "deck.apkg")


TEXTS = dict(texts())


@pytest.mark.parametrize("place", TEXTS)
def test_every_lab_and_page_that_is_named_exists(place: str) -> None:
    text = TEXTS[place]
    named = {n for match in NAMED.finditer(text) for n in re.findall(NUMBER, match[1])}
    assert named <= NUMBERS
    assert not PARTS.search(text), "parts have names, no numbers"
    titles = {page.read_text().splitlines()[0].lstrip("# ") for page in ROOT.glob("book/*.md")}
    assert set(PAGE.findall(text)) <= {*titles, plan.TITLE, coverage.TITLE}


@pytest.mark.parametrize(
    "place", [place for place in TEXTS if place.startswith(("README", "CONT"))]
)
def test_a_guide_s_links_lead_to_files(place: str) -> None:
    text = re.sub(r"^( *)```.*?^\1```$", "", TEXTS[place], flags=re.DOTALL | re.MULTILINE)
    assert [to for to in LINK.findall(text) if not (ROOT / to).exists()] == []


def test_a_lab_that_is_not_there_would_be_found() -> None:
    text = "see lab 99, labs 01 and 98, labs 01 to 97, and `./lab run 05 96 07b`"
    named = {n for match in NAMED.finditer(text) for n in re.findall(NUMBER, match[1])}
    assert named - NUMBERS == {"99", "98", "97", "96"}
