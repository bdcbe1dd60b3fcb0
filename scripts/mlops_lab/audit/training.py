"""Checks of how a model is made, and of what stands between it and everybody else."""

import re

from mlops_lab.audit.project import AuditedJob, Project, runs

TRAINS = ("delivery.model train", "python train.py", "retraining.train")
MAKES = ("delivery.model data", "delivery.model train")
GATES = ("delivery.gate", "retraining.compare")
PUBLISHES = (
    "dvc push", "docker push", "docker build", "git push", "delivery.image", "retraining.register",
    "delivery.model commit", "delivery.model push", "delivery.model publish",
)  # fmt: skip
NEW = "steps.seen.outputs.new == 'true'"
AFTER_SEEN = ("model pull-data", "retraining.validate", "retraining.train", "retraining.compare")
PROMOTED = re.compile(
    r"steps\.compare\.outputs\.promote == 'true'( && vars\.DELIVERY == 'on')?|failure\(\)"
)


def by_dvc(project: Project) -> list[str]:
    """Data and model come from `dvc repro`, or are committed to dvc.lock afterwards."""
    found = [f"{step.where}: goes past dvc.lock" for step in project.steps
             if runs(step, "python generate_data.py", "python train.py")]  # fmt: skip
    found += [f"{step.where}: knows no remote to pull from" for job in project.jobs
              for step in job.steps[: job.login] if runs(step, *MAKES)]  # fmt: skip
    for job in project.jobs:
        trained, locked = job.first("retraining.train"), job.first("delivery.model commit")
        if trained is not None and (locked is None or locked < trained):
            found.append(f"{job.where}: dvc.lock does not learn of the model")
        seen = job.first("retraining.seen")
        if trained is not None and (seen is None or seen > trained):
            found.append(f"{job.where}: trains again on what it has seen")
        found += [f"{step.where}: runs although nothing is new" for step in job.steps[seen or 0 :]
                  if runs(step, *AFTER_SEEN) and step.data.get("if") != NEW]  # fmt: skip
    return found


def gated(project: Project) -> list[str]:
    """Between training and the first thing that leaves the runner stands a gate."""
    found = []
    for job in project.jobs:
        trained = job.first(*TRAINS)
        if trained is None:
            continue
        gate = job.first(*GATES)
        leaves = job.first(*PUBLISHES)
        if gate is None or gate < trained or (leaves is not None and leaves < gate):
            found.append(f"{job.where}: a model leaves without a gate")
        elif runs(job.steps[gate], "retraining.compare"):
            found += _promoted_only(project, job, gate)
    return found


def _promoted_only(project: Project, job: AuditedJob, gate: int) -> list[str]:
    """After a comparison everything depends on its outcome; before training the data is checked."""
    found = [f"{step.where}: runs for a model that lost" for step in job.steps[gate + 1 :]
             if not PROMOTED.fullmatch(step.data.get("if", ""))]  # fmt: skip
    steps = [job.first(name) for name in ("retraining.fetch", "model pull-data")]
    steps += [job.first("retraining.validate"), job.first(*TRAINS)]
    order = [position for position in steps if position is not None]
    if len(order) < len(steps) or order != sorted(order):
        found.append(f"{job.where}: trains on data that nobody checked")
    if job.data["outputs"].get("promoted") != "${{ steps.compare.outputs.promote }}":
        found.append(f"{job.where}: does not say whether the model was promoted")
    after = [one for one in project.jobs if one.workflow == job.workflow and one.uses]
    # Without a promotion there is no image.
    wanted = f"needs.{job.name}.outputs.image != ''"
    found += [f"{one.where}: deploys a model that lost" for one in after
              if one.condition != wanted or job.name not in one.needs]  # fmt: skip
    if job.first("retraining.register") is None:
        found.append(f"{job.where}: the registry does not learn of the model")
    return found


CHECKS = (by_dvc, gated)
