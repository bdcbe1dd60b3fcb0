"""The runner's side of OpenID Connect: which jobs may ask the issuer who they are, and how."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from mlops_lab.actions.workflow import Job, Workflow
from mlops_lab.core.waiting import LIMIT


def request(
    issuer: str, workflow: Workflow, github: Mapping[str, Any], claims: Mapping[str, Any]
) -> dict[str, str]:
    """The two variables with which a job asks for a token, as GitHub's runner sets them.

    They are empty if there is no issuer or no job has ``id-token: write``. The issuer knows the
    others and refuses them: act has one environment for all jobs of a run.
    """
    where = f"{github['repository']}/.github/workflows"
    jobs = {
        job.id: {
            "job_workflow_ref": f"{where}/{file}@{github['ref']}",
            "environment": job.environment,
        }
        for job, file in granted(workflow)
    }
    if not issuer or not jobs:
        return {}
    names = ("repository", "ref", "sha", "workflow", "event_name", "run_id", "actor", "head_ref")
    facts = {name: github[name] for name in names}
    facts["workflow_ref"] = f"{where}/{workflow.file}@{github['ref']}"
    run = {**facts, "jobs": jobs, **claims}
    answer = httpx.post(f"{issuer}/runs", json=run, timeout=LIMIT, trust_env=False)
    bearer = answer.raise_for_status().json()["token"]
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": bearer,
    }


def granted(workflow: Workflow) -> Iterator[tuple[Job, str]]:
    """The jobs with ``id-token: write``, and the file of each.

    Who calls another workflow sets the most that its jobs may have; there, who says nothing has all
    of that.
    """
    for job in workflow.jobs:
        if not _may(job, unsaid=False):
            continue
        if job.calls is None:
            yield job, workflow.file
        else:
            inner = (each for each in job.calls.jobs if _may(each, unsaid=True))
            yield from ((each, job.calls.file) for each in inner)


def _may(job: Job, unsaid: bool) -> bool:
    said = job.permissions
    return unsaid if said is None else "write" in (said.get("id-token"), said.get("*"))
