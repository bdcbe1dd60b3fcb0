"""Checks of what is said about a run: its message, and what its jobs hand over."""

import re
from collections.abc import Iterator

from mlops_lab.audit.project import AuditedJob, Project, runs

GIVEN = "${{ inputs.revision }}"
REGISTERED = "${{ steps.register.outputs.version }}"
# What a rollout says of itself: the image that it was given, and the commit that names it.
ROLLED_OUT = {"image": "${{ inputs.image }}", "config": "${{ steps.publish.outputs.commit }}"}


def told_from_outcome(project: Project) -> list[str]:
    """The message is made from what happened, not from what was meant to."""
    found = [f"{step.where}: claims an outcome" for step in project.steps
             if "payload" in step.data.get("with", {})]  # fmt: skip
    found += [f"{where}: {name} is {value}" for where, name, value in _handed_over(project)
              if not re.fullmatch(r"\$\{\{ (steps|jobs)\.[\w.-]+ \}\}", value)]  # fmt: skip
    for job in project.jobs:
        found += _which_version(job)
        for step in job.steps:
            ended = step.env.get("JOBS")
            if runs(step, "delivery.notify send") and ended != "${{ toJSON(needs) }}":
                found.append(f"{step.where}: does not see how the jobs ended")
            if runs(step, "delivery.notify stopped"):
                named = "${{ steps.stopped.outputs.stopped }}"
                steps = str(step.env)
                if job.data["outputs"].get("stopped") != named or "toJSON(steps)" not in steps:
                    found.append(f"{step.where}: the failed step stays unknown")
    return found


def _which_version(job: AuditedJob) -> Iterator[str]:
    """What is wrong about the commit and the version that the job works with or hands on."""
    given = str(job.data.get("with", {}).get("revision"))
    if job.uses and not re.fullmatch(r"\$\{\{ needs\.\w+\.outputs\.commit \}\}", given):
        yield f"{job.where}: deploys for {given}"
    revision = job.data.get("env", {}).get("REVISION")
    if job.first("delivery.manifest publish") is not None and revision != GIVEN:
        yield f"{job.where}: names {revision} as what it deploys"
    for name, wanted in _rolled_out(job).items():
        told = job.data.get("outputs", {}).get(name)
        if told != wanted:
            yield f"{job.where}: tells of {told} as its {name}"
    for step in job.steps:
        version = step.env.get("VERSION")
        if runs(step, "retraining.image") and version != REGISTERED:
            yield f"{step.where}: notes the image at version {version}"


def _rolled_out(job: AuditedJob) -> dict[str, str]:
    """What the job must say of its rollout; nothing if it rolls nothing out."""
    return ROLLED_OUT if job.first("delivery.manifest publish") is not None else {}


def _handed_over(project: Project) -> Iterator[tuple[str, str, str]]:
    """Where, name and value of what jobs and called workflows hand over, but for ROLLED_OUT."""
    for job in project.jobs:
        for name, value in job.data.get("outputs", {}).items():
            if name not in _rolled_out(job):
                yield job.where, name, str(value)
    for file, workflow in project.workflows.items():
        call = workflow["on"].get("workflow_call", {})
        for name, output in call.get("outputs", {}).items():
            yield file, name, str(output["value"])


CHECKS = (told_from_outcome,)
