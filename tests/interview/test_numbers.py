"""A number that an answer has from a lab stands in that lab, as it was recorded last."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

import pytest

from mlops_lab.book import notebooks
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Entry
from mlops_lab.lab import catalog

ENTRIES = bank.entries()
END = re.compile(r"(?<=[.!?])\s+")
LAB = re.compile(r"\b[Ll]abs? (\d\d[a-z]?)\b")
# From two digits on: smaller numbers are of something else, such as versions of a model.
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")


def sentences(one: Entry) -> Iterator[str]:
    """All that an entry says of a lab, sentence by sentence."""
    further = [f.answer for f in (*one.follow_ups, *one.chain)]
    for text in (one.answer, *one.key_points, *further, one.trap.why):
        yield from filter(LAB.search, END.split(" ".join(text.split())))


def numbers(sentence: str) -> list[str]:
    found = (number.replace(",", "") for number in NUMBER.findall(LAB.sub("", sentence)))
    return [number for number in found if len(number) > 1]


@cache
def recorded(lab: str) -> list[float]:
    """Every number in a lab's text, code and outputs."""
    (stem,) = (stem for stem in catalog.stems() if stem.startswith(f"{lab}-"))
    cells = notebooks.read(catalog.read(stem).path).cells
    outputs = chain.from_iterable(cell.get("outputs", []) for cell in cells)
    said = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs]
    text = "\n".join([*(cell.source for cell in cells), *said]).replace(",", "")
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def stands(number: str, lab: str) -> bool:
    """Whether the lab has it, or a number that it is rounded from."""
    places = len(number.partition(".")[2])
    return any(round(one, places) == float(number) for one in recorded(lab))


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_a_number_of_a_lab_is_its_own(one: Entry) -> None:
    for sentence in sentences(one):
        labs = LAB.findall(sentence)
        for number in numbers(sentence):
            assert any(stands(number, lab) for lab in labs), f"{number}: {sentence}"


def test_there_are_such_numbers() -> None:
    assert sum(len(numbers(said)) for one in ENTRIES for said in sentences(one)) > 50


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("In lab 02 it was 1,234 bytes, version 2.", ["1234"]),
        ("Lab 01 has 0.836, or 84 %.", ["0.836", "84"]),
        ("In lab 07b p95 and v1 are none.", []),
    ],
)
def test_which_numbers_are_looked_up(sentence: str, found: list[str]) -> None:
    assert numbers(sentence) == found


def test_a_number_that_the_lab_does_not_have_is_seen() -> None:
    assert stands("0.836", "01")
    assert not stands("0.8361", "01")
