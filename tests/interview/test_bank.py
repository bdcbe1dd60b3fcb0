"""The question bank: complete, and every piece of evidence is where it says."""

from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from interview.examples import entry
from mlops_lab.book import notebooks
from mlops_lab.core.errors import LabError
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Cell, Entry
from mlops_lab.lab import catalog

ENTRIES = bank.entries()


def test_there_are_questions_of_each_level_and_from_the_notes() -> None:
    assert any(one.from_notes for one in ENTRIES)
    assert {one.level for one in ENTRIES} == {"junior", "mid", "senior"}


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_evidence_is_there_and_ran(one: Entry) -> None:
    for cell in bank.cells(one):
        assert cell.lab in catalog.stems()
        notebook = notebooks.read(catalog.read(cell.lab).path)
        (found,) = [c for c in notebook.cells if c.id == cell.cell]
        assert found.cell_type == "code"
        assert found.execution_count


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.id)
def test_an_answer_takes_60_to_90_seconds(one: Entry) -> None:
    """At 130 to 160 words a minute, with room for the shortest."""
    assert 70 <= len(one.answer.split()) <= 200


def test_most_answers_are_proven_by_a_cell() -> None:
    proven = [one for one in ENTRIES if bank.cells(one)]
    assert len(proven) > 0.6 * len(ENTRIES)


def test_many_questions_go_three_deep() -> None:
    assert sum(bool(one.chain) for one in ENTRIES) >= 40


def test_no_answer_is_given_twice() -> None:
    answers = [one.answer for one in ENTRIES]
    assert len(set(answers)) == len(answers)


def test_every_topic_has_a_page() -> None:
    toc = (ROOT / "_toc.yml").read_text()
    for topic in bank.topics():
        assert f"file: book/questions/{topic.topic}" in toc


def load(folder: Path, **change: object) -> list[Entry]:
    data = {**entry("dvc-one").model_dump(mode="json"), **change}
    topic = {"topic": "dvc", "title": "DVC", "about": "About data versions.", "questions": [data]}
    (folder / "dvc.yml").write_text(yaml.safe_dump(topic))
    return list(bank.topics(folder)[0].questions)


def test_a_complete_entry_is_read(tmp_path: Path) -> None:
    assert load(tmp_path)[0].evidence == [Cell(lab="02-dvc-s3", cell="push")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"answer": ""}, "dvc-one: answer"),
        ({"trap": {"wrong": "Something that is wrong."}}, "dvc-one: trap: why: Field required"),
        ({"evidence": []}, "dvc-one: evidence"),
        ({"level": "guru"}, "dvc-one: level"),
        ({"chain": [{"question": "Why is that so?", "answer": "For this reason."}]}, "chain"),
        ({"anser": "typo"}, "dvc-one: anser: Extra inputs are not permitted"),
    ],
)
def test_an_incomplete_entry_is_named(tmp_path: Path, change: dict, says: str) -> None:
    with pytest.raises(LabError, match=says):
        load(tmp_path, **change)


def test_an_id_used_twice_is_named(tmp_path: Path) -> None:
    load(tmp_path)
    text = (tmp_path / "dvc.yml").read_text()
    bank.topics.cache_clear()
    (tmp_path / "s3.yml").write_text(text.replace("topic: dvc", "topic: s3"))
    with pytest.raises(LabError, match="dvc-one is used twice"):
        bank.topics(tmp_path)
