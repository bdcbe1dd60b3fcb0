"""Which questions a session is about: topics, levels, labs, and the order of the book."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from mlops_lab.core.errors import Usage
from mlops_lab.core.toc import files
from mlops_lab.interview import bank, choice, parsed
from mlops_lab.toolchain import cache


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cache without a bank."""
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    parsed.topics.cache_clear()
    yield
    parsed.topics.cache_clear()


def test_topics_come_in_the_order_of_the_book() -> None:
    found = [topic.topic for topic in choice.topics()]
    assert found == [file.rpartition("/")[2] for file in files("book/questions/")]
    assert found != sorted(found)


def test_named_topics_come_in_the_order_of_their_names() -> None:
    found = choice.select(["kserve", "dvc", "kserve"])
    by_topic = {topic.topic: list(topic.questions) for topic in bank.topics()}
    assert found == by_topic["kserve"] + by_topic["dvc"]


def test_levels_and_labs_narrow() -> None:
    found = choice.select(["dvc", "ci"], ["junior", "senior"], ["02"])
    assert found
    assert {entry.level for entry in found} == {"junior", "senior"}
    assert all("02-dvc-s3" in {c.lab for c in bank.cells(entry)} for entry in found)
    assert found == choice.select(["dvc", "ci"], ["senior", "junior"], ["02-dvc-s3"])
    assert len(choice.select(labs=["07"])) < len(choice.select(labs=["07", "07b"]))


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"names": ["dvc", "dcv"]}, "no such topic: dcv; did you mean dvc"),
        ({"levels": ["seniour"]}, "no such level: seniour; did you mean senior"),
        ({"labs": ["07c"]}, "no lab with questions: 07c; did you mean 07"),
        ({"labs": [""]}, "no lab with questions: ; there are 01-"),
    ],
)
def test_an_unknown_name_gets_the_nearest(chosen: dict[str, list[str]], says: str) -> None:
    with pytest.raises(Usage, match=says):
        choice.select(**chosen)


def test_the_bank_of_the_cache_is_the_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed.topics() == bank.topics()
    parsed.topics.cache_clear()
    monkeypatch.setattr(bank, "topics", lambda: pytest.fail("it was parsed again"))
    assert [topic.topic for topic in parsed.topics()] == [
        path.stem for path in sorted((ROOT / "labs/interview").glob("*.yml"))
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"key": "other", "topics": []}'])
def test_what_is_no_cache_of_this_bank_is_made_anew(text: str) -> None:
    whole = parsed.topics()
    file = cache.folder() / "bank.json"
    good = file.read_text()
    file.write_text(text)
    parsed.topics.cache_clear()
    assert parsed.topics() == whole
    assert file.read_text() == good


def test_a_damaged_cache_is_made_anew() -> None:
    whole = parsed.topics()
    file = cache.folder() / "bank.json"
    good = file.read_text()
    file.write_text(good.replace('"level": "mid"', '"level": "middle"'))
    parsed.topics.cache_clear()
    assert parsed.topics() == whole
    assert file.read_text() == good


def test_a_cache_that_cannot_be_written_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_CACHE", "/proc/nowhere")
    assert parsed.topics() == bank.topics()


def test_renamed_questions_are_known_by_both_ids() -> None:
    known = {entry.id for entry in bank.entries()}
    names = choice.renamed()
    assert set(names.values()) <= known
    assert not names.keys() & known
