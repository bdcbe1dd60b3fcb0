"""How the bank was checked: every entry was read, and the estimate of what is left is sound."""

import random

import pytest

from mlops_lab.book import readings_page
from mlops_lab.interview import bank, readings
from mlops_lab.interview.readings import Again, Estimate, Found

FIRST, SECOND = readings.first(), readings.second()
LIMIT = 0.03  # of the claims may be wrong


def test_every_question_was_read_in_its_topic() -> None:
    read = {topic.topic: {row.id for row in topic.entries} for topic in FIRST}
    for topic in bank.topics():
        for entry in topic.questions:
            assert read[topic.topic] & {entry.id, *entry.was}, entry.id


def test_every_chain_was_read() -> None:
    read = {row.id for row in readings.chains().entries}
    assert [one.id for one in bank.entries() if one.chain and not read & {one.id, *one.was}] == []


def test_the_second_reading_is_a_quarter_drawn_at_random() -> None:
    there = [topic for topic in FIRST if topic.topic not in SECOND.later]
    names = [row.id for topic in there for row in topic.entries if row.id not in SECOND.later]
    drawn = readings.quarter(names, SECOND.seed)
    assert sorted(row.id for row in SECOND.entries) == drawn
    assert len(drawn) == pytest.approx(len(names) / 4, abs=1)


def test_what_may_still_be_wrong_is_below_the_limit() -> None:
    assert readings.estimate(SECOND.entries).rate < LIMIT


def found(*by: str) -> Found:
    wrong = {"kind": "figure", "said": "two", "instead": "three", "source": "lab 01, cell x"}
    return Found.model_validate({**wrong, "by": by})


def row(name: str, *wrong: Found) -> Again:
    return Again(id=name, claims=(8, 12), wrong=list(wrong))


def test_the_overlap_of_two_readers_says_what_neither_found() -> None:
    rows = [row("one", found("a", "b"), found("a")), row("two", found("b")), row("three")]
    seen = readings.estimate(rows)
    assert seen == Estimate(claims=30, a=2, b=2, both=1)
    assert seen.found == 3
    assert seen.there == 3 * 3 / 2 - 1
    assert seen.rate == 3.5 / 30
    assert seen.left == 0.5 / 30
    assert readings.agreement(rows) == 2 / 3


def test_the_estimate_is_right_in_the_mean() -> None:
    """Two readers who each find six faults of ten, in a hundred banks with forty faults."""
    drawn = random.Random(1)
    guesses = []
    for _ in range(100):
        seen = [(drawn.random() < 0.6, drawn.random() < 0.6) for _ in range(40)]
        a, b = (sum(each) for each in zip(*seen, strict=True))
        guesses.append(Estimate(400, a, b, sum(x and y for x, y in seen)).there)
    assert sum(guesses) / len(guesses) == pytest.approx(40, rel=0.03)


def test_nothing_found_is_nothing_wrong() -> None:
    seen = readings.estimate([row("one")])
    assert (seen.rate, seen.left) == (0, 0)


def test_the_page_has_every_wrong_claim_and_the_rate() -> None:
    page = readings_page.page()
    for topic in FIRST:
        for wrong in (wrong for entry in topic.entries for wrong in entry.wrong):
            assert " ".join(wrong.instead.split()) in page
    assert f"{readings.estimate(SECOND.entries).rate:.1%} of the claims" in page
