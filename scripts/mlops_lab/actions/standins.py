"""Actions by the folders that stand in for them here: labs/actions/actions.yml as data."""

import functools
from collections.abc import Iterator
from pathlib import Path

from pydantic.dataclasses import dataclass

from mlops_lab.actions.workflow import Workflow
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import LABS
from mlops_lab.core.schema import STRICT, load

FOLDER = LABS / "actions"
BUILT_IN = "actions/checkout@"  # act copies the repository's folder itself, whatever the version


@dataclass(frozen=True, config=STRICT)
class StandIn:
    """What runs in place of an action; an empty folder means that act has it built in."""

    uses: str
    version: str
    folder: str
    differs: str


@functools.cache
def stand_ins() -> dict[str, StandIn]:
    """All stand-ins, by what a workflow writes after ``uses``."""
    file = FOLDER / "actions.yml"
    return load(dict[str, StandIn], file.read_text(encoding="utf-8"), file.name, key="uses")


def options(workflow: Workflow) -> Iterator[str]:
    """act's options that put a stand-in in the place of each action of the workflow.

    Raises:
        LabError: an action has none; those that have one are in the message.
    """
    for uses in sorted(used(workflow)):
        if uses not in stand_ins():
            names = "\n  ".join(stand_ins())
            raise LabError(
                f"{workflow.file}: nothing stands in for {uses}; labs/actions/actions.yml has\n"
                f"  {names}"
            )
        folder: Path = FOLDER / stand_ins()[uses].folder
        yield from ("--local-repository", f"{uses}={folder}")


def used(workflow: Workflow) -> set[str]:
    """The actions that come from other repositories, those of called workflows too."""
    found = {step.uses for job in workflow.jobs for step in job.steps}
    found |= {uses for job in workflow.jobs if job.calls for uses in used(job.calls)}
    return {uses for uses in found if uses and not uses.startswith(("./", BUILT_IN))}
