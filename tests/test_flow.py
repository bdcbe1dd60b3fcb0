"""The nineteen steps of labs/mlops/steps.yml are steps of the workflows, in their order."""

import yaml

from conftest import ROOT
from mlops_lab.actions.workflow import workflows
from mlops_lab.helpers import pipelines

MLOPS = ROOT / "labs/mlops"
LISTED = [row["step"] for row in yaml.safe_load((ROOT / "labs/mlops/steps.yml").read_text())]


def order(file: str) -> list[str]:
    """The ids of a workflow's steps as they run, jobs in the order of `needs`."""
    jobs = workflows(MLOPS)[f"{file}.yml"].jobs
    return [step.id for job in jobs for step in job.steps]


def test_there_are_nineteen() -> None:
    assert len(pipelines.flow()) == len(LISTED) == 19


def test_they_stand_in_the_files_in_this_order() -> None:
    for file, steps in (("ci", LISTED[:14]), ("cd", LISTED[14:])):
        assert {step.partition("/")[0] for step in steps} == {file}
        wanted = [step.partition("/")[2] for step in steps]
        # "Install DVC" is a line in the lock file of step 3, so that one stands there twice.
        once = list(dict.fromkeys(wanted))
        found = [id for id in dict.fromkeys(order(file)) if id in once]
        assert found == once


def test_each_runs_a_target_or_an_action() -> None:
    runs = [runs for _, runs, _ in pipelines.flow()]
    assert all(run.startswith(("make ", "actions/", "aws-actions/")) for run in runs)
