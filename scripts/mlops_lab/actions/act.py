"""Runs a workflow file with nektos/act in host mode: every step is a process of this machine.

What a step sees of this machine is in `act_process`; what act lacks and GitHub has is in `runner`.
"""

import itertools
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_lab.actions import standins
from mlops_lab.actions.act_process import Cancel, follow
from mlops_lab.actions.log import Log, OnStep
from mlops_lab.actions.result import Run
from mlops_lab.actions.workflow import Workflow, workflows
from mlops_lab.core.errors import LabError
from mlops_lab.core.scratch import prefix
from mlops_lab.toolchain.programs import program

REPOSITORY = "lab/churn"
ACTOR = "lab"
# What gets a job its identity: a secret, although it is not one of the repository's.
BEARER = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
# Like GitHub's: never the same twice, and a later one is greater.
_ids = itertools.count(time.time_ns() // 1000)


def new_id() -> str:
    """The id of a run that is about to begin."""
    return str(next(_ids))


def run(
    folder: Path,
    event: str,
    payload: Mapping[str, Any],
    *,
    env: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    workflow: str = "",
    job: str | None = None,
    on_step: OnStep | None = None,
    github: Mapping[str, str] | None = None,
    cancel: Cancel | None = None,
) -> Run:
    """Run a workflow of the repository in `folder` as the event would, and wait for its end.

    `folder` is checked out as it is, with what is not committed, without what git ignores.
    `payload` is what the workflow reads as ``github.event``, and the commit and branch come from
    there or from git. `workflow` is a file's name, and may be left out if only one listens to the
    event; `job` runs only that job and those that it needs. `on_step` is called with each step when
    it has ended. `env` is the runner's environment, over which a workflow's own wins. `github`
    sets variables of GitHub's own, such as GITHUB_REF or GITHUB_RUN_ID.

    Raises:
        LabError: there is no act, no such workflow or job, an action without a stand-in, or act
            refuses the file; its words are in the message.
    """
    chosen = choose(folder, event, workflow)
    wanted = _needed(chosen, job) if job else None
    env, secrets, cancel = env or {}, secrets or {}, cancel or Cancel()
    identity = {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": new_id(), **(github or {})}
    log = Log(chosen, [*secrets.values(), env.get(BEARER, "")], on_step)
    with tempfile.TemporaryDirectory(prefix=prefix(), ignore_cleanup_errors=True) as scratch:
        command = [
            str(program("act")), event, "--json",
            "--directory", str(folder), "--workflows", str(chosen.path),
            "--actor", identity.get("GITHUB_ACTOR", ACTOR), *(["--job", job] if job else []),
            "--action-cache-path", str(Path(scratch) / "runner"),
            "--no-cache-server", "--artifact-server-path", "",
            *_platforms(chosen), *standins.options(chosen),
            *_files(Path(scratch), {
                "--eventpath": payload, "--env-file": identity, "--input-file": {},
                "--var-file": variables or {}, "--secret-file": secrets,
            }),
        ]  # fmt: skip
        started = time.monotonic()
        status, said = follow(command, Path(scratch), env, log.take, cancel)
    if status and not log.results and not cancel.asked:
        raise LabError(f"act refuses {chosen.file}: {log.conceal(said)}")
    return Run(
        workflow=chosen.name,
        event=event,
        id=identity["GITHUB_RUN_ID"],
        status="cancelled" if cancel.asked else "failure" if status else "success",
        seconds=time.monotonic() - started,
        steps=tuple(log.steps("cancelled" if cancel.asked else "skipped", wanted)),
        jobs=log.results,
        outputs=log.outputs,
        raw=log.text(),
    )


def choose(folder: Path, event: str, file: str = "") -> Workflow:
    """The workflow in `file`, or the only one that listens to the event.

    Raises:
        LabError: there is none, or more than one.
    """
    known = workflows(folder)
    if file in known:
        return known[file]
    if file:
        raise LabError(f"no workflow {file} in {folder}; there are {', '.join(known) or 'none'}")
    found = [workflow for workflow in known.values() if event in workflow.triggers]
    if len(found) != 1:
        names = ", ".join(workflow.file for workflow in found) or "none"
        raise LabError(f"say which workflow; those that listen to {event}: {names}")
    return found[0]


def _platforms(workflow: Workflow) -> Iterator[str]:
    """Whatever a job wants to run on, it is this machine."""
    for label in sorted(_labels(workflow)):
        yield from ("--platform", f"{label}=-self-hosted")


def _labels(workflow: Workflow) -> set[str]:
    called = [_labels(job.calls) for job in workflow.jobs if job.calls]
    return {label for job in workflow.jobs for label in job.runs_on}.union(*called)


def _needed(workflow: Workflow, id: str) -> set[str]:
    """The job, those that it needs, and those inside them."""
    job = workflow.job(id)
    inner = {each.id for each in job.calls.jobs} if job.calls else set()
    return {id, *inner}.union(*(_needed(workflow, need) for need in job.needs))


def _files(scratch: Path, contents: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Options whose values go by file, since everybody on a machine can read a command line.

    All of act's files are named, so that it reads none of its defaults, such as ``.secrets``.
    """
    for option, content in contents.items():
        # JSON is YAML, and act reads variables as that by the file's suffix.
        path = scratch / f"{option.strip('-')}.yml"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content), encoding="utf-8")
        yield from (option, str(path))
