"""act's JSON log, read line by line into the steps of a run.

Fields of a line, as act 0.2.89 writes them: ``job`` (the workflow's and the job's name), ``jobID``,
``stage`` (Pre, Main or Post), ``stepID`` (the step's id or its number; longer inside a composite
action), ``stepResult``, ``executionTime`` in nanoseconds, ``msg``, ``raw_output`` on what the step
printed, ``command`` on workflow commands and ``jobResult`` at a job's end.

A secret never gets past this module. act masks ``msg``, but neither ``step``, which for a step
without a name is its script with the secrets filled in, nor ``arg`` and ``raw``, which hold what
``::add-mask::`` was told to hide. So every string of a line is masked here, and a step without a
name takes its title from the file.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from mlops_lab.actions.result import StepResult
from mlops_lab.actions.workflow import Job, Workflow
from mlops_lab.core.text import plain

MASK = "***"
IGNORED = "Failed but continue next step"
EXIT = re.compile(r"exit status (\d+)")
EXITED = "Error: Process completed with exit code"

Key = tuple[str, str, str]
OnStep = Callable[[StepResult], None]


class Log:
    """Takes act's lines and knows the steps; `on_step` is called with each that has ended."""

    def __init__(
        self, workflow: Workflow, secrets: Iterable[str], on_step: OnStep | None = None
    ) -> None:
        self._raw: list[str] = []
        self.results: dict[str, str] = {}
        self._outputs: dict[str, dict[str, dict[str, str]]] = {}
        self._jobs: dict[str, tuple[str, Job]] = dict(_labels(workflow))
        self._secrets: set[str] = set()
        self._on_step = on_step
        self._lines: dict[Key, list[str]] = {}
        self._ended: dict[Key, StepResult] = {}
        self._broken: dict[Key, StepResult] = {}
        self._ignored: set[Key] = set()
        self.hide(*secrets)

    def hide(self, *values: str) -> None:
        """From now on, and at the end in all that came before, `values` are ``***``.

        Like GitHub's runner, each line of a value with several is hidden by itself too.
        """
        for value in values:
            self._secrets |= {part.strip() for part in (value, *value.splitlines())} - {""}

    def conceal(self, text: str) -> str:
        """`text` with every secret known so far hidden."""
        # The longest first: one secret may be a part of another.
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def take(self, line: str) -> None:
        """One line of act's standard output."""
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"msg": line.rstrip("\n")}
        if entry.get("command") == "add-mask":
            self.hide(str(entry.get("arg", "")))
        entry = self._masked(entry)
        self._raw.append(json.dumps(entry, ensure_ascii=False))
        if "jobResult" in entry:
            self.results[self._job(entry)[0]] = entry["jobResult"]
        elif "step" in entry:
            self._step(entry)

    def steps(self, missing: str, wanted: set[str] | None = None) -> Iterator[StepResult]:
        """Every step, in the file's order; those that act said nothing of have result `missing`.

        With `wanted`, only the jobs with these ids count as missing.
        """
        seen = {**self._broken, **self._ended}
        for label, job in self._jobs.values():
            mine = [key for key in seen if key[0] == label]
            if not mine and wanted is not None and job.id not in wanted:
                continue
            for number, step in enumerate(job.steps):
                key = (label, step.id or str(number), "Main")
                yield self._final(key, seen.pop(key, StepResult(label, step.title, missing)))
            yield from (self._final(key, seen.pop(key)) for key in mine if key in seen)
            self.results.setdefault(label, missing)
        yield from (self._final(*item) for item in seen.items())

    def text(self) -> tuple[str, ...]:
        """The whole log."""
        return tuple(map(self.conceal, self._raw))

    @property
    def outputs(self) -> dict[str, dict[str, dict[str, str]]]:
        """What steps put out, by job and step id."""
        masked: dict[str, dict[str, dict[str, str]]] = self._masked(self._outputs)
        return masked

    def _step(self, entry: dict[str, Any]) -> None:
        label, job = self._job(entry)
        ids = entry.get("stepID") or entry["stepid"]
        key = (label, str(ids[0]), entry.get("stage", ""))
        if entry["msg"] == IGNORED:
            self._ignored.add(key)
        elif (line := _printed(entry)) is not None:
            self._lines.setdefault(key, []).append(line)
        if entry.get("command") == "set-output" and len(ids) == 1:
            outputs = self._outputs.setdefault(label, {}).setdefault(key[1], {})
            outputs[entry["name"]] = entry["arg"]
        if "stepResult" in entry:
            _trim(self._lines.get(key, []))
        if "stepResult" in entry and len(ids) == 1:
            self._end(key, job, entry)
        elif entry.get("level") == "error" and key not in self._ended:
            # Where an action cannot be had, act says no more than this.
            self._broken[key] = StepResult(label, _title(job, key[1], entry), "failure")

    def _end(self, key: Key, job: Job | None, entry: dict[str, Any]) -> None:
        self._broken.pop(key, None)
        if key[2] != "Main" and entry["stepResult"] == "success":
            return  # setting up and cleaning up are told only when they fail
        self._ended[key] = StepResult(
            job=key[0],
            name=_title(job, key[1], entry),
            result=entry["stepResult"],
            seconds=entry.get("executionTime", 0) / 1e9,
            ignored=key in self._ignored,
        )
        if self._on_step:
            self._on_step(self._final(key, self._ended[key]))

    def _final(self, key: Key, step: StepResult) -> StepResult:
        lines = map(self.conceal, _ordered(self._lines.get(key, [])))
        return replace(step, name=self.conceal(step.name), lines=tuple(lines))

    def _job(self, entry: dict[str, Any]) -> tuple[str, Job | None]:
        """The job's name as GitHub shows it, and the job if the file has it."""
        # act pads the names of jobs that run side by side.
        label = str(entry["job"]).rstrip()
        if found := self._jobs.get(label):
            return found
        # A job of a matrix has its number at the end.
        known = self._jobs.get(label.rpartition("-")[0])
        return label.rpartition("/")[2], known[1] if known else None

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.conceal(value)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        if isinstance(value, dict):
            return {self.conceal(k): self._masked(item) for k, item in value.items()}
        return value


def _labels(workflow: Workflow) -> Iterator[tuple[str, tuple[str, Job]]]:
    """act's name of each job, with GitHub's name and the job."""
    for job in workflow.jobs:
        if job.calls is None:
            yield f"{workflow.name}/{job.name}", (job.name, job)
            continue
        for inner in job.calls.jobs:
            label = f"{job.name} / {inner.name}"
            yield f"{job.name}/{job.calls.name}/{inner.name}", (label, inner)


def _title(job: Job | None, id: str, entry: dict[str, Any]) -> str:
    if entry.get("stage") != "Main":
        return f"{entry['stage']} {entry['step']}" if "stage" in entry else str(entry["step"])
    for number, step in enumerate(job.steps if job else ()):
        if id == (step.id or str(number)):
            return str(entry["step"]) if step.name else step.title
    return str(entry["step"])


def _trim(lines: list[str]) -> None:
    """Drop empty lines at the end: now and then act's terminal adds one, and so do `shells`.

    See dirtyLine in its pkg/container/host_environment.go.
    """
    while lines and not lines[-1]:
        lines.pop()


def _ordered(lines: list[str]) -> list[str]:
    """What was printed and then how it ended, as on GitHub.

    What a step left running may speak later.
    """
    said = [line for line in lines if not line.startswith(EXITED)]
    _trim(said)
    return said + [line for line in lines if line.startswith(EXITED)]


def _printed(entry: dict[str, Any]) -> str | None:
    """What the step's log shows of a line, as GitHub words it."""
    message = plain(entry["msg"]).strip("\r\n")
    if entry.get("raw_output"):
        return message
    if entry.get("command") in ("error", "warning", "notice"):
        return f"{entry['command'].capitalize()}: {entry.get('arg', '')}"
    if entry.get("level") == "error":
        code = EXIT.fullmatch(message)
        return f"{EXITED} {code[1]}." if code else f"Error: {message}"
    return None
