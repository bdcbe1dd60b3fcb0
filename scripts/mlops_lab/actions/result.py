"""What came of a run: its steps as a table, its outputs, and the log without secrets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

# A commit's hash is too long for a table; a tag or a digest is not touched.
SHA = re.compile(r"@([0-9a-f]{7})[0-9a-f]{33}\b")


@dataclass(frozen=True)
class StepResult:
    """One step of a run.

    `result` is ``success``, ``failure``, ``skipped`` or ``cancelled``; a failure is `ignored` if
    the step has ``continue-on-error``. `lines` is what it printed.
    """

    job: str
    name: str
    result: str
    seconds: float = 0.0
    lines: tuple[str, ...] = ()
    ignored: bool = False

    def log(self) -> str:
        """What it printed, as text."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Run:
    """A finished run. Show it to see its steps.

    Attributes:
        status: ``success``, ``failure`` or ``cancelled``.
        outputs: by job and step id, as in ``outputs["train"]["gate"]["passed"]``.
        raw: act's own log, line by line, with ``***`` in place of every secret.
    """

    workflow: str
    event: str
    id: str
    status: str
    seconds: float
    steps: tuple[StepResult, ...]
    jobs: Mapping[str, str]
    outputs: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    raw: tuple[str, ...] = ()

    @property
    def failed_step(self) -> StepResult | None:
        """The first step that failed and was not allowed to."""
        failed = (s for s in self.steps if s.result == "failure" and not s.ignored)
        return next(failed, None)

    def step(self, name: str, job: str = "") -> StepResult:
        """The step with this name; `job` says which where two jobs have one.

        Raises:
            KeyError: there is none; the message has those that are there.
        """
        for step in self.steps:
            if step.name == name and job in ("", step.job):
                return step
        raise KeyError(f"no step {name!r}; there are {[step.name for step in self.steps]}")

    def table(self) -> list[tuple[str, str, str, str]]:
        """Job, step, result and seconds of every step, for people.

        A job of which nothing ran has one row.
        """
        rows = []
        for job, steps in groupby(self.steps, key=lambda step: step.job):
            all_of_it = [*steps]
            if {step.result for step in all_of_it} <= {"skipped"} and len(all_of_it) > 1:
                rows.append((job, f"all {len(all_of_it)} steps", "skipped", ""))
            else:
                rows += [(job, SHA.sub(r"@\1", s.name), _result(s), _seconds(s)) for s in all_of_it]
        return rows

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        head = f"{self.workflow}, {self.event}: {self.status}"
        rows = [("job", "step", "result", "seconds"), *self.table()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [
            "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]).rstrip()
            for row in rows
        ]
        cells = [[c.replace("|", "\\|") for c in row] for row in rows]
        table = ["| " + " | ".join(row) + " |" for row in cells]
        table.insert(1, "|---|---|---|--:|")
        return {
            "text/plain": "\n".join([head, *lines]),
            "text/markdown": "\n".join([f"**{head}**", "", *table]),
        }


def _result(step: StepResult) -> str:
    return f"{step.result} (ignored)" if step.ignored else step.result


def _seconds(step: StepResult) -> str:
    return f"{step.seconds:.1f}" if step.seconds else ""
