"""The question bank: complete, and every piece of evidence is where it says."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer

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


@pytest.mark.parametrize("topic", bank.topics(), ids=lambda topic: topic.topic)
def test_a_quarter_of_a_topic_is_for_juniors(topic: bank.Topic) -> None:
    juniors = [one for one in topic.questions if one.level == "junior"]
    assert len(juniors) >= len(topic.questions) / 4


def alike(texts: list[str], limit: float) -> list[tuple[str, str]]:
    """Pairs of texts that have most of their rare words in common."""
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    near = np.argwhere(np.triu((words @ words.T).toarray(), k=1) > limit)
    return [(texts[a], texts[b]) for a, b in near]


def test_no_two_questions_ask_the_same() -> None:
    assert alike([f"{one.question} {' '.join(one.key_points)}" for one in ENTRIES], 0.4) == []


def test_nothing_is_asked_twice_behind_a_question() -> None:
    further = [f.question for one in ENTRIES for f in (*one.follow_ups, *one.chain)]
    assert alike([*further, *(one.question for one in ENTRIES)], 0.8) == []


def test_questions_that_ask_the_same_are_found() -> None:
    asked = ["Why not train inside CI on every push?", "Would you train inside CI at all?"]
    assert alike([*asked, *(one.question for one in ENTRIES)], 0.8) == [(asked[0], asked[1])]


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
