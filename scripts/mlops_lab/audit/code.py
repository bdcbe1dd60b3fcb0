"""Checks of what the steps run: shell lines, those of the workflows and the Makefile's.

What the modules behind them do is not read but tried: each flaw of theirs is put back, and the
tests of that module see the harm (tests/mlops/test_put_back.py).
"""

import re
from collections.abc import Mapping
from typing import Any

from mlops_lab.audit.project import Project, runs

PUSHED = "${{ steps.push-model.outputs.model }}"
PUSHED_IMAGE = "${{ steps.push-image.outputs.image }}"
RECORDED = "${{ steps.record.outputs.commit }}"
# What a called workflow is given, by name: to push to the configuration, and to tell people.
PASSED = {name: f"${{{{ secrets.{name} }}}}" for name in ("CONFIG_TOKEN", "SLACK_WEBHOOK")}
ECR = "aws-actions/amazon-ecr-login"
# What comes after a failed command and succeeds whatever the failure was.
SWALLOWS = r"\|\|\s*(true|:|echo|exit 0|test (?!\$\$\? -eq 3\s)).*"
# A name that belongs to the project, wherever it runs.
CONSTANT = {"ECR_REPOSITORY": "mlops/churn"}


def _shell(project: Project, *patterns: str) -> list[str]:
    """A sentence for every step whose shell matches one of the patterns."""
    return [f"{step.where}: {match[0].strip()}" for step in project.steps for pattern in patterns
            if (match := re.search(pattern, step.shell))]  # fmt: skip


def _parts(project: Project) -> list[tuple[str, Mapping[str, Any]]]:
    """Every job and every step, with its place."""
    jobs = [(job.where, job.data) for job in project.jobs]
    return jobs + [(step.where, step.data) for step in project.steps]


def _missing(project: Project, command: str) -> list[str]:
    """A sentence if no step runs the command."""
    there = any(runs(step, command) for step in project.steps)
    return [] if there else [f"nothing runs {command}"]


def locked_install(project: Project) -> list[str]:
    """Whatever pip installs is locked with hashes."""
    lines = [line for shell in project.recipes.values() for line in shell.splitlines()]
    lines += [line for step in project.steps for line in step.shell.splitlines()]
    installs = [line for line in lines if re.search(r"\bpip (install|download)\b", line)]
    return [line for line in installs if "--require-hashes" not in line]


def scan_fails(project: Project) -> list[str]:
    """A finding of the scan ends the run."""
    found = [f"{step.where}: reports, and passes" for step in project.steps
             if "trivy" in step.uses and "exit-code" not in step.data["with"]]  # fmt: skip
    return found + _missing(project, "delivery.scan")


def proven_push(project: Project) -> list[str]:
    """After a push, the remote itself is asked whether it has everything."""
    return _shell(project, r"dvc push") + _missing(project, "delivery.model push")


def recorded(project: Project) -> list[str]:
    """A job that pushes a model commits dvc.lock after it, and what it makes names that commit."""
    found: list[str] = []
    for job in project.jobs:
        pushed = job.first("dvc push", "delivery.model push")
        recording = job.first("delivery.model record")
        if pushed is not None and (recording is None or recording < pushed):
            found.append(f"{job.where}: no commit says which model this was")
        image, noted = job.first("delivery.image push"), job.first("retraining.image")
        registers, published = job.first("retraining.register"), job.first("delivery.model publish")
        if registers is not None and image is not None and (noted is None or noted < image):
            found.append(f"{job.where}: the registry does not learn which image has the model")
        if pushed is not None and (
            published is None or published < max(recording or 0, registers or 0)
        ):
            found.append(f"{job.where}: main does not learn of the commit, or before it is true")
        if registers is not None and registers < max(pushed or 0, image or 0):
            found.append(f"{job.where}: promotes what may never be there")
    return found


def immutable_tag(project: Project) -> list[str]:
    """The image's tag is the commit that names its model, which nobody gives twice."""
    found = _shell(project, r"\S*:latest\b")
    return found + [f"{step.where}: tags with {step.env.get('REVISION')}" for step in project.steps
              if runs(step, "delivery.image") and step.env.get("REVISION") != RECORDED]  # fmt: skip


def by_digest(project: Project) -> list[str]:
    """What is deployed is named by the digest that the push gave, and a tag is refused."""
    found = _shell(project, r"docker push .*") + _missing(project, "delivery.image push")
    found += [f"{step.where}: notes another image" for step in project.steps
              if runs(step, "retraining.image")
              and step.env.get("IMAGE") != PUSHED_IMAGE]  # fmt: skip
    for job in project.jobs:
        pushes = job.first("delivery.image push") is not None
        image = job.data.get("outputs", {}).get("image")
        if pushes and image != PUSHED_IMAGE:
            found.append(f"{job.where}: the image is not the one that was pushed")
        given = job.data.get("with", {}).get("image", "")
        if job.uses and not re.fullmatch(r"\$\{\{ needs\.\w+\.outputs\.image \}\}", given):
            found.append(f"{job.where}: deploys another image")
        if job.first("delivery.manifest write") is not None and "inputs.image" not in str(
            job.data.get("env")
        ):
            found.append(f"{job.where}: deploys another image")
    return found


def small_context(project: Project) -> list[str]:
    """The image is built from the files that serving needs, not from the checkout."""
    return _shell(project, r"docker build .*") + _missing(project, "delivery.image build")


def no_shared_environment(project: Project) -> list[str]:
    """A step tells later ones by an output, which only those see that ask for it."""
    return _shell(project, "GITHUB_ENV")


def one_image(project: Project) -> list[str]:
    """One image is edited by a tool that knows what an image is."""
    return _shell(project, r"\bsed -i.*") + _missing(project, "delivery.manifest write")


def failures_count(project: Project) -> list[str]:
    """No failure is swallowed, in a workflow, a recipe, or a module.

    A comparison's status 3 is an outcome, the challenger that lost; any other is still a failure.
    """
    found = _shell(project, SWALLOWS, r"^-", r"set \+e")
    return found + [f"{where}: continue-on-error" for where, data in _parts(project)
                    if "continue-on-error" in data]  # fmt: skip


def named_paths(project: Project) -> list[str]:
    """A commit takes the files that it is about."""
    return _shell(project, r"git (add|commit).* (-a|--all|\.)\b.*")


def retried_push(project: Project) -> list[str]:
    """A push that came second is tried again on the new head, and none is forced."""
    return _shell(project, r"git push.*") + _missing(project, "delivery.manifest publish")


def own_config_repository(project: Project) -> list[str]:
    """Manifests live in a repository of their own."""
    found = _shell(project, r"\bk8s/\S*")
    for job in project.jobs:
        url = job.data.get("env", {}).get("CONFIG_REPOSITORY")
        if job.first("delivery.manifest write") is not None and not url:
            found.append(f"{job.where}: no configuration repository")
        found += [f"{step.where}: has no token of its own" for step in job.steps
                  if runs(step, "delivery.manifest")
                  and step.data["env"]["GIT_TOKEN"] != "${{ secrets.CONFIG_TOKEN }}"]  # fmt: skip
        if job.uses and job.data["secrets"] != PASSED:
            found.append(f"{job.where}: gives more, or less, than the token and the webhook")
    return found


def no_loop(project: Project) -> list[str]:
    """A commit that CI pushes to its own repository asks for no run."""
    return [f"{step.where}: pushes what starts it again" for step in project.steps
            if runs(step, "git commit") and "[skip ci]" not in step.shell]  # fmt: skip


def full_ref(project: Project) -> list[str]:
    """The branch that is pushed to is written in full."""
    return _shell(project, r"git push.*ref_name.*")


def waits_for_revision(project: Project) -> list[str]:
    """The deployment is waited for by its own revision, not by the clock."""
    found = _shell(project, r"\bsleep \d+") + _missing(project, "delivery.synced")
    for job in project.jobs:
        asked, waited = job.first("delivery.predict"), job.first("delivery.synced")
        if asked is not None and (waited is None or asked < waited):
            found.append(f"{job.where}: asks before the commit is there")
        elif waited is not None and "steps.publish.outputs.commit" not in str(
            job.steps[waited].data.get("env")
        ):
            found.append(f"{job.where}: waits for no commit")
    return found


def model_ready(project: Project) -> list[str]:
    """Readiness is that of the model."""
    return _shell(project, r"/v2/health/\w+") + _missing(project, "delivery.predict")


def real_prediction(project: Project) -> list[str]:
    """The service's answers are compared with those of the model that was built."""
    found = _missing(project, "delivery.predict")
    for job in project.jobs:
        asked, fetched = job.first("delivery.predict"), job.first("delivery.model pull\n")
        if asked is not None and (fetched is None or asked < fetched):
            found.append(f"{job.where}: does not have the model to compare with")
        if asked is not None and job.data["env"].get("MODEL_MD5") != "${{ inputs.model }}":
            found.append(f"{job.where}: does not know which model must answer")
        given = str(job.data.get("with", {}).get("model"))
        if job.uses and not re.fullmatch(r"\$\{\{ needs\.\w+\.outputs\.model \}\}", given):
            found.append(f"{job.where}: does not say which model must answer")
        made = job.data.get("outputs", {}).get("model", PUSHED)
        if job.first("delivery.model push") is not None and made != PUSHED:
            found.append(f"{job.where}: does not say which model was pushed")
    return found


def places_from_variables(project: Project) -> list[str]:
    """No region, address or name of an environment is written into a workflow.

    Nor is it that there is a place for the image of a nightly training.
    """
    found = _shell(project, r"https?://[\w.-]+")
    found += [f"{step.where}: takes a registry for granted" for job in project.jobs
              if job.first("retraining.train") is not None for step in job.steps
              if step.uses.startswith(ECR) or runs(step, "delivery.image", "retraining.image")
              if not step.data.get("if", "").endswith(" && vars.DELIVERY == 'on'")]  # fmt: skip
    for where, data in [*project.workflows.items(), *_parts(project)]:
        values = data.get("env", {}).items() - CONSTANT.items()
        found += [f"{where}: {name} is {value}" for name, value in sorted(values)
                  if not str(value).startswith("${{ ")]  # fmt: skip
        region = data.get("with", {}).get("aws-region", "${{ vars.")
        found += [f"{where}: aws-region is {region}"] * (not region.startswith("${{ vars."))
    return found


CHECKS = (
    locked_install, scan_fails, proven_push, recorded, immutable_tag, by_digest, small_context,
    no_shared_environment, one_image, failures_count, named_paths, retried_push,
    own_config_repository, no_loop, full_ref, waits_for_revision, model_ready, real_prediction,
    places_from_variables,
)  # fmt: skip
