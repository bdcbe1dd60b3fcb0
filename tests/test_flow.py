"""The nineteen steps of labs/mlops/steps.yml are steps of the workflows, in their order."""

import yaml

from conftest import ROOT
from mlops_lab.actions.workflow import workflows
from mlops_lab.helpers import pipelines

MLOPS = ROOT / "labs/mlops"
LISTED = [row["step"] for row in yaml.safe_load((ROOT / "labs/mlops/steps.yml").read_text())]
FILES = ("ci", "cd")


def order(file: str) -> list[str]:
    """The ids of a workflow's steps as they run, jobs in the order of `needs`."""
    jobs = workflows(MLOPS)[f"{file}.yml"].jobs
    return [step.id for job in jobs for step in job.steps]


def test_they_stand_in_the_files_in_this_order() -> None:
    assert sorted(LISTED, key=lambda step: FILES.index(step.partition("/")[0])) == LISTED
    for file in FILES:
        steps = [step for step in LISTED if step.startswith(f"{file}/")]
        wanted = [step.partition("/")[2] for step in steps]
        # "Install DVC" is a line in the lock file of step 3, so that one stands there twice.
        once = list(dict.fromkeys(wanted))
        found = [id for id in dict.fromkeys(order(file)) if id in once]
        assert found == once


def test_each_runs_a_target_or_an_action() -> None:
    runs = [runs for _, runs, _ in pipelines.flow()]
    assert runs
    assert all(run.startswith(("make ", "actions/", "aws-actions/")) for run in runs)
