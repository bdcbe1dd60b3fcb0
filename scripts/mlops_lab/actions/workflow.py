"""A workflow file as data: its triggers, its jobs in the order of `needs`, and their steps.

The syntax is that of
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax; here is as much
of it as labs and tests ask for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mlops_lab.core.errors import LabError

FOLDER = Path(".github/workflows")


@dataclass(frozen=True)
class Step:
    """One step; `run`, `uses`, `condition` and `id` are empty where the file has none."""

    name: str
    run: str = ""
    uses: str = ""
    condition: str = ""
    id: str = ""

    @property
    def title(self) -> str:
        """What GitHub shows: the name, else the first line of what it runs, else the action.

        Not interpolated, unlike on GitHub: what the file says can be no secret.
        """
        return self.name or f"Run {self.uses or self.run.strip().splitlines()[0]}"


@dataclass(frozen=True)
class Job:
    """One job.

    `calls` is the reusable workflow that it stands for, if it does; `permissions` are its own, else
    the workflow's, and nothing if neither says any.
    """

    id: str
    name: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    condition: str
    runs_on: tuple[str, ...]
    environment: str
    permissions: Mapping[str, str] | None
    concurrency: Any
    calls: "Workflow | None"


@dataclass(frozen=True)
class Workflow:
    """One file; `jobs` are in an order in which each comes after those that it needs."""

    path: Path
    name: str
    triggers: Mapping[str, Any]
    jobs: tuple[Job, ...]
    concurrency: Any

    @property
    def file(self) -> str:
        """The file's name, such as ``ci.yml``."""
        return self.path.name

    def job_names(self) -> list[str]:
        """The jobs as GitHub shows them, those of called workflows in the place of the call."""
        return [
            name
            for job in self.jobs
            for name in (
                [f"{job.name} / {inner.name}" for inner in job.calls.jobs]
                if job.calls
                else [job.name]
            )
        ]

    def job(self, id: str) -> Job:
        """The job with this id.

        Raises:
            LabError: there is none; those that are there are in the message.
        """
        for job in self.jobs:
            if job.id == id:
                return job
        raise LabError(f"{self.file} has no job {id}; it has {', '.join(j.id for j in self.jobs)}")


def workflows(folder: Path) -> dict[str, Workflow]:
    """Every workflow of the repository in `folder`, by file name."""
    paths = [p for p in (folder / FOLDER).glob("*") if p.suffix in (".yml", ".yaml")]
    return {path.name: read(path) for path in sorted(paths)}


def read(path: Path) -> Workflow:
    """A workflow file, with the reusable workflows of the same repository that it calls.

    Raises:
        LabError: it is not there, not YAML, not a workflow, or its jobs need what is not there.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        # YAML 1.1 takes the bare word "on" for true.
        triggers = _triggers(document.get(True, document.get("on")))
        permissions = document.get("permissions")
        jobs = [_job(path, key, entry, permissions) for key, entry in document["jobs"].items()]
    except FileNotFoundError as error:
        raise LabError(f"there is no workflow {path}") from error
    except (yaml.YAMLError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise LabError(f"{path} is not a workflow: {error!r}") from error
    name = document.get("name") or path.name
    return Workflow(path, name, triggers, _ordered(path, jobs), document.get("concurrency"))


def _triggers(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list):
        return {name: {} for name in value}
    return {name: settings or {} for name, settings in value.items()}


def _job(path: Path, key: str, entry: Mapping[str, Any], permissions: Any) -> Job:
    uses = str(entry.get("uses", ""))
    environment = entry.get("environment", "")
    return Job(
        id=key,
        name=str(entry.get("name", key)),
        needs=_words(entry.get("needs")),
        steps=tuple(_step(step) for step in entry.get("steps", ())),
        condition=str(entry.get("if", "")),
        runs_on=_words(entry.get("runs-on")),
        environment=environment["name"] if isinstance(environment, dict) else environment,
        permissions=_permissions(entry.get("permissions", permissions)),
        concurrency=entry.get("concurrency"),
        calls=read(path.parents[2] / uses) if uses.startswith("./") else None,
    )


def _step(entry: Mapping[str, Any]) -> Step:
    found = {key: str(entry.get(key, "")) for key in ("name", "run", "uses", "id")}
    if not found["run"] and not found["uses"]:
        raise ValueError(f"a step with neither run nor uses: {dict(entry)}")
    return Step(condition=str(entry.get("if", "")), **found)


def _permissions(value: Any) -> dict[str, str] | None:
    """The permissions that are named; ``write-all`` names them all as ``*``."""
    if isinstance(value, str):
        return {"*": value.removesuffix("-all")}
    return None if value is None else dict(value)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _ordered(path: Path, jobs: Iterable[Job]) -> tuple[Job, ...]:
    waiting, done = list(jobs), dict[str, Job]()
    while waiting:
        ready = next((job for job in waiting if set(job.needs) <= set(done)), None)
        if ready is None:
            stuck = ", ".join(f"{job.id} needs {' and '.join(job.needs)}" for job in waiting)
            raise LabError(f"{path}: these jobs can never start: {stuck}")
        waiting.remove(ready)
        done[ready.id] = ready
    return tuple(done.values())
