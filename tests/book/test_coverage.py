"""The page of what is covered: every count is right, and every target has questions and labs."""

import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from mlops_lab.book import coverage
from mlops_lab.core.errors import LabError
from mlops_lab.interview import bank, choice
from mlops_lab.lab import catalog

SPECS = catalog.select(None)
PAGE = coverage.page(SPECS, "deck.apkg")
# What the book promises to prepare for.
PROMISED = [
    "Kubeflow Pipelines", "MLflow", "Argo CD", "KServe", "Prometheus", "Grafana", "GitHub Actions",
    "S3", "ECR", "EKS", "IAM", "SageMaker", "Cost", "Security", "Secrets and Secrets Manager",
    "Git", "GitHub", "DVC", "Docker and images", "Kubernetes", "Python", "Linux",
    "CI, CD and continuous training", "Monitoring of models", "Architecture of monitoring",
    "A model's performance in production", "A strategy for alerts", "Metrics of KServe",
    "System metrics and model metrics",
]  # fmt: skip


def test_every_promised_target_is_there_once_and_has_questions() -> None:
    assert sorted(one.target for one in coverage.targets()) == sorted(PROMISED)
    assert all(coverage.asked(one) for one in coverage.targets())


@pytest.mark.parametrize("target", coverage.targets(), ids=lambda one: one.target)
def test_a_target_shows_its_questions_and_its_labs(target: coverage.Target) -> None:
    (block,) = (b for b in PAGE.split("::::{dropdown} ") if b.startswith(f"{target.target}: "))
    names = re.findall(r"\]\(#q-([\w-]+)\)", block)
    assert names == [entry.id for entry in coverage.asked(target)]
    assert re.findall(r"\.\./notebooks/([\w-]+)\.ipynb", block) == target.labs
    assert ("no lab yet" in block.splitlines()[0]) == (not target.labs)


def test_every_lab_is_one_of_a_target_s() -> None:
    assert {stem for one in coverage.targets() for stem in one.labs} == set(catalog.stems())


def test_a_lab_of_a_target_proves_one_of_its_questions() -> None:
    for target in coverage.targets():
        proven = {cell.lab for entry in coverage.asked(target) for cell in bank.cells(entry)}
        assert set(target.labs) <= proven, target.target


def test_every_question_is_under_its_level() -> None:
    blocks = coverage.levels().split("::::{dropdown} ")[1:]
    for level, block in zip(choice.LEVELS, blocks, strict=True):
        names = re.findall(r"\]\(#q-([\w-]+)\)", block)
        wanted = [entry.id for entry in bank.entries() if entry.level == level]
        assert sorted(names) == sorted(wanted)
        assert block.startswith(f"{level.capitalize()}: {len(wanted)} questions")


def test_the_matrix_counts_the_questions_that_a_lab_proves() -> None:
    html = MarkdownIt("commonmark").enable("table").render(coverage.matrix(SPECS))
    head, *rows = BeautifulSoup(html, "html.parser").find_all("tr")
    assert [cell.text for cell in head.find_all("th")][1:] == [spec.number for spec in SPECS]
    assert len(rows) == len(choice.in_order())
    for topic, row in zip(choice.in_order(), rows, strict=True):
        name, *cells = row.find_all("td")
        assert name.text == topic.topic
        for spec, cell in zip(SPECS, cells, strict=True):
            count = sum(entry in topic.questions for entry in bank.for_lab(spec.stem))
            assert cell.text == (f"{spec.number}: {count}" if count else "")


ONE = {"group": "Tools", "target": "Make", "questions": ["dvc-roll-back"], "labs": []}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"questions": ["dvc-gone"]}, "Make: there is no dvc-gone"),
        ({"topics": ["make"]}, "Make: there is no make"),
        ({"labs": ["99-gone"]}, "Make: there is no 99-gone"),
        ({"questions": []}, "Make: no question"),
        ({"questions": [], "words": ["no such word"]}, "Make: no question"),
        ({"lab": []}, "lab: Extra inputs"),
    ],
)
def test_a_target_that_names_what_is_not_there_is_refused(
    tmp_path: Path, change: dict[str, list[str]], told: str
) -> None:
    file = tmp_path / "targets.yml"
    file.write_text(yaml.safe_dump([ONE]))
    assert len(coverage.targets(file)) == 1
    other = tmp_path / "others.yml"
    other.write_text(yaml.safe_dump([{**ONE, **change}]))
    with pytest.raises(LabError, match=told):
        coverage.targets(other)


def test_words_are_whole_words() -> None:
    target = coverage.Target(group="Tools", target="Git", words=["Git"], labs=[])
    asked = coverage.asked(target)
    assert asked
    told = [" ".join([entry.question, *entry.key_points]) for entry in asked]
    assert all(re.search(r"\bGit\b", text) for text in told)
