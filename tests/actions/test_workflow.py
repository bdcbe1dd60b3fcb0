"""Workflow files as data."""

from pathlib import Path

import pytest

from actions.conftest import Make
from mlops_lab.actions.workflow import read, workflows
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import LABS

CHAIN = """
on: {push: {branches: [main]}, workflow_dispatch:}
permissions: {contents: read}
jobs:
  last: {needs: [middle, first], runs-on: x, steps: [{run: echo}]}
  middle: {needs: first, runs-on: [self-hosted, big], steps: [{run: echo}]}
  first:
    permissions: {id-token: write}
    environment: {name: production}
    runs-on: x
    steps:
      - uses: actions/checkout@v7
      - {name: Say, id: say, run: echo, if: always()}
      - run: |
          make test
          make lint
"""


def test_jobs_come_after_those_that_they_need(make: Make) -> None:
    found = workflows(make(ci=CHAIN))["ci.yml"]
    assert [job.id for job in found.jobs] == ["first", "middle", "last"]
    assert [job.runs_on for job in found.jobs] == [("x",), ("self-hosted", "big"), ("x",)]
    assert found.name == found.file == "ci.yml"
    assert found.triggers == {"push": {"branches": ["main"]}, "workflow_dispatch": {}}


def test_steps_have_the_titles_that_github_shows(make: Make) -> None:
    first = workflows(make(ci=CHAIN))["ci.yml"].job("first")
    assert [s.title for s in first.steps] == ["Run actions/checkout@v7", "Say", "Run make test"]
    assert (first.steps[1].id, first.steps[1].condition) == ("say", "always()")
    assert first.environment == "production"


def test_a_job_s_own_permissions_replace_the_workflow_s(make: Make) -> None:
    found = workflows(make(ci=CHAIN))["ci.yml"]
    assert found.job("first").permissions == {"id-token": "write"}
    assert found.job("last").permissions == {"contents": "read"}


@pytest.mark.parametrize("on", ["push", "[push, schedule]", "{push: , schedule: }", '"push"'])
def test_every_way_to_name_a_trigger_is_read(make: Make, on: str) -> None:
    text = f"on: {on}\njobs: {{a: {{runs-on: x, steps: [{{run: echo}}]}}}}"
    assert workflows(make(ci=text))["ci.yml"].triggers["push"] == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on: push\njobs: {a: {needs: b, steps: []}, b: {needs: a, steps: []}}", "never start"),
        ("on: push\njobs: {a: {needs: gone, steps: []}}", "a needs gone"),
        ("on: push\njobs: {a: {steps: [{name: idle}]}}", "neither run nor uses"),
        ("on: push", "jobs"),
        ("- a list", "is not a workflow"),
        ("on: [push", "is not a workflow"),
    ],
)
def test_what_is_no_workflow_is_told_with_its_file(make: Make, text: str, said: str) -> None:
    with pytest.raises(LabError, match=rf"ci\.yml.*{said}"):
        workflows(make(ci=text))


def test_a_missing_file_or_job_is_told(make: Make, tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no workflow"):
        read(tmp_path / "gone.yml")
    with pytest.raises(LabError, match="no job gone; it has first, middle, last"):
        workflows(make(ci=CHAIN))["ci.yml"].job("gone")


def test_the_project_s_own_workflows_can_be_read() -> None:
    assert "main.yml" in workflows(LABS / "churn")
    assert set(workflows(LABS / "mlops")) == {"ci.yml", "cd.yml", "ct.yml"}
