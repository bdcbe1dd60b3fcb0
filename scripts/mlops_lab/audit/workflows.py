"""Checks of the workflows, and all checks by name: a project in, sentences on what is wrong out."""

import re
from collections.abc import Callable, Iterator

from mlops_lab.audit import code, messages, training
from mlops_lab.audit.project import LOGIN, WORKFLOWS, AuditedJob, Project, runs

Check = Callable[[Project], list[str]]

TESTS = ("pytest", "flake8", "ruff check", "delivery.scan")
# What the batch is fetched by.
CHECKED = {
    "BATCH_URI": "${{ steps.payload.outputs.uri }}",
    "BATCH_MD5": "${{ steps.payload.outputs.md5 }}",
}
# A pull request has a ref of its own, so a job for main alone is not for pull requests either.
NOT_FOR_PULL_REQUESTS = ("github.event_name != 'pull_request'", "github.ref == 'refs/heads/main'")


def pinned(project: Project) -> list[str]:
    """Every action is named by a commit, or is part of this repository."""
    used = [(step.where, step.uses) for step in project.steps if step.uses]
    used += [(job.where, job.uses) for job in project.jobs if job.uses]
    good = re.compile(r"\./.+|[^@]+@[0-9a-f]{40}")
    return [f"{where}: {uses} is not pinned" for where, uses in used if not good.fullmatch(uses)]


def checkout_keeps_nothing(project: Project) -> list[str]:
    """No checkout leaves the token in git's configuration; a step of git's is given the job's."""
    checkouts = [step for step in project.steps if step.uses.startswith("actions/checkout@")]
    kept = [one for one in checkouts if one.data.get("with", {}).get("persist-credentials", True)]
    found = [f"{one.where}: keeps the token" for one in kept]
    return found + [f"{step.where}: has another token than the job's" for step in project.steps
                    if runs(step, "delivery.repository", "delivery.model publish")
                    and step.env.get("GIT_TOKEN") != "${{ secrets.GITHUB_TOKEN }}"]  # fmt: skip


def least_permissions(project: Project) -> list[str]:
    """Workflows grant nothing, and a job no more than what its steps need."""
    found = [f"{name}: grants permissions to every job"
             for name, workflow in project.workflows.items()
             if workflow.get("permissions") != {}]  # fmt: skip
    for job in project.jobs:
        allowed = {("contents", "read")}
        if job.first("delivery.model publish") is not None:
            allowed.add(("contents", "write"))
        if job.uses or any(step.uses.startswith(LOGIN) for step in job.steps):
            allowed.add(("id-token", "write"))
        extra = set(job.permissions.items()) - allowed
        found += [f"{job.where}: does not need {name}: {level}" for name, level in sorted(extra)]
        if "contents" not in job.permissions:
            found.append(f"{job.where}: cannot read the repository")
    return found


def documented_permissions(project: Project) -> list[str]:
    """Every permission to write has a comment that says what for."""
    lines = [(path, line) for path, text in project.files.items() if path.startswith(WORKFLOWS)
             for line in text.splitlines()]  # fmt: skip
    return [f"{path}: {line.strip()}" for path, line in lines
            if re.fullmatch(r"\s+[a-z-]+: write\s*", line)]  # fmt: skip


def short_lived_credentials(project: Project) -> list[str]:
    """AWS is reached with a role, by the job's identity token; no key is stored.

    The role that may write is not that of the jobs next to the cluster.
    """
    found = []
    writing = {job.role for job in project.jobs if job.first("delivery.model push") is not None}
    for job in project.jobs:
        for step in job.steps:
            options = step.data.get("with", {})
            if not step.uses.startswith(LOGIN):
                continue
            if "role-to-assume" not in options or "aws-access-key-id" in options:
                found.append(f"{step.where}: uses a stored key")
            if job.first("delivery.synced") is not None and job.role in writing:
                found.append(f"{step.where}: may write, and only has to read")
            if job.permissions.get("id-token") != "write":
                found.append(f"{step.where}: the job has no identity token")
        if job.uses and job.permissions.get("id-token") != "write":
            found.append(f"{job.where}: the called workflow gets no identity token")
    return found


def fixed_runner(project: Project) -> list[str]:
    """The runner's image is named with its version."""
    runners = [(job.where, str(job.data.get("runs-on", ""))) for job in project.jobs]
    return [f"{where}: {runner}" for where, runner in runners if "-latest" in runner]


def limited_time(project: Project) -> list[str]:
    """No job with steps runs for more than an hour."""
    return [f"{job.where}: has no limit of an hour or less" for job in project.jobs
            if job.steps and not 0 < job.data.get("timeout-minutes", 360) <= 60]  # fmt: skip


def one_at_a_time(project: Project) -> list[str]:
    """Runs of one kind wait for each other, and only runs of a pull request are cancelled.

    No two kinds share a group, since one that waits would be replaced by one of the other kind.
    A training that waited begins where the one before it left off, with what that one locked.
    """
    found, groups = [], set()
    for name, workflow in project.workflows.items():
        limits = [workflow.get("concurrency")] if "concurrency" in workflow else [
            job.data.get("concurrency") for job in project.jobs if job.workflow == name
        ]  # fmt: skip
        for limit in limits:
            if not isinstance(limit, dict) or re.search(r"sha|run_id", str(limit.get("group"))):
                found.append(f"{name}: two runs may be at it at once")
                continue
            if limit["cancel-in-progress"] not in (
                False,
                "${{ github.event_name == 'pull_request' }}",
            ):
                found.append(f"{name}: a run may be cancelled in the middle")
            if limit.get("group") in groups:
                found.append(f"{name}: what waits in {limit.get('group')} may be replaced")
            groups.add(limit.get("group"))
    for job in project.jobs:
        begun, used = job.first("delivery.repository"), job.first("pip install", "retraining.")
        trains = job.first("retraining.") is not None
        if trains and (begun is None or used is None or begun > used):
            found.append(f"{job.where}: begins with what main was when it began to wait")
    return found


def tests_apart(project: Project) -> list[str]:
    """Tests run in a job without secrets or rights to write, and all other jobs wait for it."""
    found = []
    for name, jobs in _by_workflow(project):
        testing = [job for job in jobs if job.first(*TESTS) is not None]
        for job in testing:
            if "secrets." in str(job.data) or "write" in job.permissions.values() or _open(project):
                found.append(f"{job.where}: what it tests can reach secrets or the repository")
        for job in jobs if testing else []:
            if job not in testing and not {one.name for one in testing} & _before(job, jobs):
                found.append(f"{job.where}: does not wait for the tests")
        if "pull_request" in project.workflows[name]["on"] and not testing:
            found.append(f"{name}: nothing is tested")
    return found


def _open(project: Project) -> bool:
    return any("write" in str(one.get("permissions")) for one in project.workflows.values())


def _by_workflow(project: Project) -> Iterator[tuple[str, list[AuditedJob]]]:
    for name in project.workflows:
        yield name, [job for job in project.jobs if job.workflow == name]


def _before(job: AuditedJob, jobs: list[AuditedJob]) -> set[str]:
    """The names of all jobs that come before this one."""
    names = set(job.needs)
    for other in jobs:
        if other.name in job.needs:
            names |= _before(other, jobs)
    return names


def nothing_for_pull_requests(project: Project) -> list[str]:
    """In a workflow for pull requests, no job that has secrets or may write runs for one."""
    found = []
    for name, jobs in _by_workflow(project):
        if "pull_request" not in project.workflows[name]["on"]:
            continue
        barred = {job.name for job in jobs
                  if any(text in job.condition for text in NOT_FOR_PULL_REQUESTS)}  # fmt: skip
        for job in jobs:
            mighty = "secrets." in str(job.data) or "write" in job.permissions.values()
            waits = set() if "always()" in job.condition else _before(job, jobs)
            if mighty and not barred & {job.name, *waits}:
                found.append(f"{job.where}: runs for pull requests")
    return found


def chosen_events(project: Project) -> list[str]:
    """A dispatch from outside names its event types, and its payload is checked before use."""
    found = []
    for name, jobs in _by_workflow(project):
        triggers = project.workflows[name]["on"]
        if "repository_dispatch" not in triggers:
            continue
        if not (triggers["repository_dispatch"] or {}).get("types"):
            found.append(f"{name}: any event starts it")
        if all(job.first("retraining.payload") is None for job in jobs):
            found.append(f"{name}: nobody looks at the payload")
        for job in jobs:
            checked, fetched = job.first("retraining.payload"), job.first("retraining.fetch")
            if fetched is not None and (checked is None or checked > fetched):
                found.append(f"{job.where}: fetches before the payload is checked")
            found += [f"{step.where}: takes what nobody has checked" for step in job.steps
                      if runs(step, "retraining.fetch") and step.env != CHECKED]  # fmt: skip
    return found


def from_main(project: Project) -> list[str]:
    """What is pushed to main, and nothing else, is delivered.

    No other branch makes a model or rolls one out.
    """
    triggers = {name: one["on"] for name, one in project.workflows.items()}
    found = [f"{name}: delivers {one['push']['branches']}" for name, one in triggers.items()
             if "push" in one and one["push"]["branches"] != ["main"]]  # fmt: skip
    return found + [f"{job.where}: makes or deploys a model of any branch" for job in project.jobs
                    if job.first("delivery.model push", "delivery.manifest publish") is not None
                    and job.condition != "github.ref == 'refs/heads/main'"]  # fmt: skip


def no_expansion(project: Project) -> list[str]:
    """No expression is pasted into shell text; values come by environment variables."""
    return [f"{step.where}: pastes an expression into shell text" for step in project.steps
            if "${{" in step.run]  # fmt: skip


def one_make_target(project: Project) -> list[str]:
    """Each run line is one target of the Makefile, so that it runs the same at home."""
    good = re.compile(rf"make ({'|'.join(project.recipes) or 'nothing'})")
    return [f"{step.where}: no target of the Makefile" for step in project.steps
            if step.run and not good.fullmatch(step.run)]  # fmt: skip


def late_credentials(project: Project) -> list[str]:
    """Foreign actions get no secret, and none of them runs once AWS credentials are there."""
    found = []
    for job in project.jobs:
        if job.data.get("secrets") == "inherit":
            found.append(f"{job.where}: the called workflow gets every secret")
        if "secrets." in str(job.data.get("env", "")):
            found.append(f"{job.where}: every step gets a secret")
        logged_in = False
        for step in job.steps:
            ours = step.uses.startswith(("aws-actions/", "actions/"))
            if step.uses and logged_in and not ours:
                found.append(f"{step.where}: a foreign action finds AWS credentials")
            if "secrets." in str(step.data.get("with", "")):
                found.append(f"{step.where}: an action gets a stored secret")
            logged_in |= step.uses.startswith(LOGIN)
    return found


def tells_failure(project: Project) -> list[str]:
    """Every workflow ends in a message of its own, called or not, above all when it failed."""
    found, telling = [], set()
    for name, jobs in _by_workflow(project):
        tells = [job for job in jobs if job.first("delivery.notify send") is not None]
        working = [job for job in jobs if job.steps and job not in tells]
        if tells:
            telling.add(f"./{WORKFLOWS}{name}")
        else:
            found.append(f"{name}: tells nobody how it ended")
        heard = {one for job in tells if "always()" in job.condition for one in job.needs}
        for job in tells:
            if "always()" not in job.condition:
                found.append(f"{job.where}: is silent when something failed")
        for job in working:
            if job.name not in heard:
                found.append(f"{job.where}: nobody hears of its failure")
            last = job.steps[-1]
            if not runs(last, "delivery.notify stopped") or last.data.get("if") != "failure()":
                found.append(f"{job.where}: does not say which step failed")
    for job in project.jobs:
        given = job.data.get("secrets")
        if job.uses and (job.uses not in telling or "SLACK_WEBHOOK" not in (given or {})):
            found.append(f"{job.where}: what it calls tells nobody how it ended")
    return found


def named_jobs(project: Project) -> list[str]:
    """Each job has a name of its own."""
    return [f"{job.where}: has no name" for job in project.jobs if "name" not in job.data]


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        pinned, checkout_keeps_nothing, least_permissions, documented_permissions,
        short_lived_credentials, fixed_runner, limited_time, one_at_a_time, tests_apart,
        nothing_for_pull_requests, chosen_events, from_main, no_expansion, one_make_target,
        late_credentials, tells_failure, named_jobs,
        *messages.CHECKS, *training.CHECKS, *code.CHECKS,
    )
}  # fmt: skip
