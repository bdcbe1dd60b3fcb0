"""The files that an audit looks at, as jobs, steps and the commands behind them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import yaml

LOGIN = "aws-actions/configure-aws-credentials"
WORKFLOWS = ".github/workflows/"


@cache
def _parsed(text: str) -> dict[str, Any]:
    loaded = yaml.safe_load(text)
    # YAML 1.1 takes the key `on` for a truth value.
    return {("on" if key is True else key): value for key, value in loaded.items()}


@dataclass(frozen=True)
class AuditedStep:
    """One step, and the shell commands that it runs: for `make TARGET` those of the recipe."""

    where: str
    data: Mapping[str, Any]
    shell: str

    @property
    def uses(self) -> str:
        """The action, or nothing."""
        return str(self.data.get("uses", ""))

    @property
    def env(self) -> Mapping[str, str]:
        """The variables that are given to this step alone."""
        found = self.data.get("env")
        return found if isinstance(found, dict) else {}

    @property
    def run(self) -> str:
        """The run line as it stands in the workflow, or nothing."""
        return str(self.data.get("run", "")).strip()


@dataclass(frozen=True)
class AuditedJob:
    """One job of one workflow."""

    workflow: str
    name: str
    data: Mapping[str, Any]
    steps: tuple[AuditedStep, ...]

    @property
    def where(self) -> str:
        """The workflow's and the job's name, for messages."""
        return f"{self.workflow}: {self.name}"

    @property
    def uses(self) -> str:
        """The workflow that this job calls, or nothing."""
        return str(self.data.get("uses", ""))

    @property
    def needs(self) -> list[str]:
        """The jobs that come before."""
        needs = self.data.get("needs", [])
        return [needs] if isinstance(needs, str) else list(needs)

    @property
    def condition(self) -> str:
        """Its `if`, or nothing."""
        return str(self.data.get("if", ""))

    @property
    def permissions(self) -> Mapping[str, str]:
        """What its token may do, as far as the job itself says so."""
        found = self.data.get("permissions")
        return found if isinstance(found, dict) else {}

    def first(self, *commands: str) -> int | None:
        """The position of the first step whose shell has one of the commands."""
        return next((n for n, step in enumerate(self.steps) if runs(step, *commands)), None)

    @property
    def login(self) -> int:
        """The position of the step that logs in to AWS; behind the last if none does."""
        found = (n for n, step in enumerate(self.steps) if step.uses.startswith(LOGIN))
        return next(found, len(self.steps))

    @property
    def role(self) -> str:
        """The role that the job takes in AWS, or nothing."""
        options = [step.data.get("with", {}) for step in self.steps[self.login :]]
        return str(options[0].get("role-to-assume", "")) if options else ""


def runs(step: AuditedStep, *commands: str) -> bool:
    """Whether the step's shell has one of the commands."""
    return any(command in step.shell for command in commands)


@dataclass(frozen=True)
class Project:
    """Files by their path below the project's folder."""

    files: Mapping[str, str]

    def changed(self, path: str, text: str) -> "Project":
        """The same project with another text in one file."""
        return Project({**self.files, path: text})

    def text(self, path: str) -> str:
        """A file's text; empty if the project has no such file."""
        return self.files.get(path, "")

    @cached_property
    def workflows(self) -> dict[str, dict[str, Any]]:
        """The parsed workflows by file name."""
        return {
            path.removeprefix(WORKFLOWS): _parsed(text)
            for path, text in self.files.items()
            if path.startswith(WORKFLOWS)
        }

    @cached_property
    def recipes(self) -> dict[str, str]:
        """The Makefile's targets and the shell lines of each."""
        found: dict[str, str] = {}
        target = ""
        for line in self.text("Makefile").splitlines():
            if head := re.match(r"([a-z-]+):(?!=)", line):
                target = head[1]
                found[target] = ""
            elif line.startswith("\t") and target:
                found[target] += line[1:].lstrip("@") + "\n"
        return found

    @cached_property
    def jobs(self) -> tuple[AuditedJob, ...]:
        """Every job of every workflow."""
        return tuple(self._jobs())

    @property
    def steps(self) -> Iterator[AuditedStep]:
        """Every step of every job."""
        return (step for job in self.jobs for step in job.steps)

    def _jobs(self) -> Iterator[AuditedJob]:
        for file, workflow in self.workflows.items():
            for name, data in workflow["jobs"].items():
                steps = (self._step(f"{file}: {name}", one) for one in data.get("steps", []))
                yield AuditedJob(file, name, data, tuple(steps))

    def _step(self, where: str, data: Mapping[str, Any]) -> AuditedStep:
        run = str(data.get("run", "")).strip()
        target = run.removeprefix("make ") if run.startswith("make ") else ""
        label = data.get("name") or run or data.get("uses")
        return AuditedStep(f"{where}: {label}", data, self.recipes.get(target, run))
