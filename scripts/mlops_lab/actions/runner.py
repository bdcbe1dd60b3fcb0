"""What GitHub does around a run and act does not: events, filters, schedules, groups, identity.

GitHub has no rule of idempotency: the same dispatch twice is two runs, so a workflow must know
itself what it has seen. Nobody opens pull requests here.
"""

import itertools
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_lab.actions import act, cron, events, identity
from mlops_lab.actions.act_process import Cancel
from mlops_lab.actions.events import Event
from mlops_lab.actions.expressions import evaluate
from mlops_lab.actions.log import OnStep
from mlops_lab.actions.queue import About, Group, Handle, Handles, Queue
from mlops_lab.actions.repository import NOTHING, Repository
from mlops_lab.actions.result import Run, StepResult
from mlops_lab.actions.workflow import Workflow, workflows


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Runner:
    """A repository's GitHub Actions.

    Each method takes something that happens on GitHub, starts the runs that it triggers, and
    returns handles to wait on; none if nothing listens. Runs are of commits: what is not committed
    is not in them, and the folder itself is never changed.

    Args:
        folder: the repository. Runs push to its remote ``origin``, if it has one.
        env: the environment of the machine that runs the steps.
        variables: the repository's, for ``vars``.
        secrets: the repository's, for ``secrets``.
        repository: its name on GitHub, with the owner.
        default_branch: where schedules and dispatches take the workflows from.
        issuer: URL of the service ``oidc``; jobs with ``id-token: write`` can ask it who they are.
        claims: what tokens say beside what is true, such as ``subject_format: names``.
        on_step: called with each step of each run when it has ended.
        clock: tells `tick` the time; nothing else looks at it.
    """

    def __init__(
        self,
        folder: Path | str = ".",
        *,
        env: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        repository: str = act.REPOSITORY,
        default_branch: str = "main",
        issuer: str = "",
        claims: Mapping[str, Any] | None = None,
        on_step: OnStep | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.runs: list[Handle] = []
        self._repository = Repository(Path(folder).resolve())
        self._name, self._default = repository, default_branch
        # Not copied: who holds them may set more.
        self._env = {} if env is None else env
        self._variables = {} if variables is None else variables
        self._secrets = {} if secrets is None else secrets
        self._issuer, self._claims, self._on_step = issuer, claims or {}, on_step
        self._clock, self._ticked = clock, clock()
        self._pushed: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._queue = Queue()
        weakref.finalize(self, self._queue.close)

    def push(self, branch: str = "") -> Handles:
        """A branch, else the current one, has been pushed as it is in the folder."""
        git = self._repository
        branch = branch or git.git("branch", "--show-current")
        sha = git.git("rev-parse", branch)
        before = self._pushed.get(branch, NOTHING)
        self._pushed[branch] = sha
        ref, message = f"refs/heads/{branch}", git.message(sha)
        payload = {
            "ref": ref, "before": before, "after": sha, "created": before == NOTHING,
            "deleted": False, "head_commit": {"id": sha, "message": message},
        }  # fmt: skip
        paths = git.changed(before, sha)
        return self._trigger(Event("push", ref, sha, payload, branch, paths, message))

    def dispatch(self, event_type: str, client_payload: Mapping[str, Any] | None = None) -> Handles:
        """What POST /repos/{owner}/{repo}/dispatches does: say that something has happened.

        Raises:
            Refused: the API would answer 422.
        """
        content = client_payload or {}
        events.check_dispatch(event_type, content)
        payload = {"action": event_type, "branch": self._default, "client_payload": content}
        return self._trigger(self._on_default("repository_dispatch", payload))

    def manual(
        self, file: str, inputs: Mapping[str, Any] | None = None, branch: str = ""
    ) -> Handles:
        """Somebody starts the workflow by hand, on the default branch or another.

        Raises:
            Refused: it cannot be started so, or not with these inputs.
            LabError: there is no such workflow.
        """
        branch = branch or self._default
        ref, sha = f"refs/heads/{branch}", self._repository.git("rev-parse", branch)
        chosen = act.choose(self._repository.checkout(ref, sha), "workflow_dispatch", file)
        payload = {
            "inputs": events.inputs(chosen, inputs or {}), "ref": ref,
            "workflow": f".github/workflows/{file}",
        }  # fmt: skip
        return self._start(Event("workflow_dispatch", ref, sha, payload), chosen)

    def due(self) -> tuple[datetime, str, str] | None:
        """When a schedule is due next, the workflow's file, and its cron line."""
        lines = self._lines()
        return min(((c.next(self._ticked, z), f, c.line) for c, z, f in lines), default=None)

    def tick(self, now: datetime | None = None) -> Handles:
        """Time has passed, until `now`: run what was due since the last call.

        What was due at one time has ended before what was due later begins.
        """
        now, found = now or self._clock(), list[tuple[datetime, str, str]]()
        for line, zone, file in self._lines():
            due = line.next(self._ticked, zone)
            while due <= now:
                found.append((due, file, line.line))
                due = line.next(due, zone)
        self._ticked = max(now, self._ticked)
        started = Handles()
        for _, same in itertools.groupby(sorted(found), key=lambda each: each[0]):
            for handle in started:
                handle.join()
            started += self._scheduled(same)
        return started

    def workflows(self) -> dict[str, Workflow]:
        """The workflows of the default branch, by file name."""
        event = self._on_default("", {})
        return workflows(self._repository.checkout(event.ref, event.sha))

    def close(self) -> None:
        """Cancel what still waits or runs, and wait until it has ended."""
        self._queue.close()

    def _scheduled(self, due: Iterable[tuple[datetime, str, str]]) -> Handles:
        started = Handles()
        for _, file, line in due:
            event = self._on_default("schedule", {"schedule": line})
            folder = self._repository.checkout(event.ref, event.sha)
            started += self._start(event, act.choose(folder, event.name, file))
        return started

    def _lines(self) -> Iterator[tuple[cron.Cron, str, str]]:
        """The schedules of the default branch: line, time zone and file."""
        for workflow in self.workflows().values():
            for entry in workflow.triggers.get("schedule", ()):
                yield cron.parse(entry["cron"]), entry.get("timezone", "UTC"), workflow.file

    def _on_default(self, name: str, payload: Mapping[str, Any]) -> Event:
        ref = f"refs/heads/{self._default}"
        sha = self._repository.git("rev-parse", self._default)
        return Event(name, ref, sha, payload)

    def _trigger(self, event: Event) -> Handles:
        started = Handles()
        for workflow in workflows(self._repository.checkout(event.ref, event.sha)).values():
            if events.triggers(event, workflow):
                started += self._start(event, workflow)
        return started

    def _start(self, event: Event, workflow: Workflow) -> Handles:
        self._numbers[workflow.file] += 1
        event = replace(event, payload={**event.payload, **self._about()})
        github = {
            "GITHUB_REPOSITORY": self._name,
            "GITHUB_REF": event.ref,
            "GITHUB_RUN_ID": act.new_id(),
            "GITHUB_RUN_NUMBER": str(self._numbers[workflow.file]),
        }
        contexts = self._contexts(event, workflow, github["GITHUB_RUN_ID"])
        id = github["GITHUB_RUN_ID"]
        never = Run(workflow.name, event.name, id, "cancelled", 0.0, (), {})
        about = About(
            id, self._numbers[workflow.file], workflow, event.name, contexts["github"]["ref_name"],
            event.sha, event.message or self._repository.message(event.sha), utc_now(),
        )  # fmt: skip

        def ended(step: StepResult) -> None:
            handle.steps.append(step)
            if self._on_step:
                self._on_step(step)

        def work(cancel: Cancel) -> Run:
            asked = identity.request(self._issuer, workflow, contexts["github"], self._claims)
            return act.run(
                self._repository.checkout(event.ref, event.sha),
                event.name,
                event.payload,
                env={**self._env, **asked},
                variables=self._variables,
                secrets=self._secrets,
                workflow=workflow.file,
                on_step=ended,
                github=github,
                cancel=cancel,
            )

        handle = Handle(workflow.file, work, never, *_groups(workflow, contexts), about)
        self.runs.append(handle)
        self._queue.add(handle)
        return Handles([handle])

    def _about(self) -> dict[str, Any]:
        """What every payload says."""
        owner, _, name = self._name.partition("/")
        return {
            "repository": {
                "name": name,
                "full_name": self._name,
                "default_branch": self._default,
                "owner": {"login": owner},
            },
            "sender": {"login": act.ACTOR},
        }

    def _contexts(self, event: Event, workflow: Workflow, id: str) -> dict[str, Any]:
        """What expressions outside of jobs may read."""
        github = {
            "event": event.payload,
            "event_name": event.name,
            "ref": event.ref,
            "ref_name": event.ref.split("/", 2)[2],
            "head_ref": "",
            "sha": event.sha,
            "workflow": workflow.name,
            "repository": self._name,
            "run_id": id,
            "actor": act.ACTOR,
        }
        inputs = event.payload.get("inputs", {})
        return {"github": github, "inputs": inputs, "vars": self._variables}


def _groups(workflow: Workflow, contexts: Mapping[str, Any]) -> tuple[Group, list[str]]:
    """The run's own group, and those of its jobs."""
    own = _group(workflow.concurrency, contexts)
    jobs = list(workflow.jobs)
    jobs += [inner for job in workflow.jobs if job.calls for inner in job.calls.jobs]
    names = (_group(job.concurrency, contexts).name for job in jobs)
    return own, [name for name in names if name]


def _group(setting: Any, contexts: Mapping[str, Any]) -> Group:
    if not isinstance(setting, Mapping):
        return Group(str(evaluate(setting or "", contexts)))
    return Group(
        name=str(evaluate(setting["group"], contexts)),
        cancels=bool(evaluate(setting.get("cancel-in-progress", False), contexts)),
        keeps_all=setting.get("queue") == "max",
    )
