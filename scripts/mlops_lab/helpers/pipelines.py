"""What the lab on CI asks of its workflow files and of the issuer, and a reader need not see."""

from pathlib import Path

import boto3
import httpx
import yaml

from mlops_lab.actions import trust
from mlops_lab.actions.workflow import workflows
from mlops_lab.core.paths import LABS
from mlops_lab.core.waiting import LIMIT
from mlops_lab.lab.lab import Lab

AUDIENCE = "sts.amazonaws.com"
_http = httpx.Client(timeout=LIMIT, trust_env=False)


def flow(project: Path = LABS / "mlops") -> list[tuple[str, str, str]]:
    """The steps from a commit to a monitored service: what each does, runs and leaves behind.

    What it runs is read from the workflow files; labs/mlops/steps.yml says where.

    Raises:
        KeyError: a workflow has no step of that id.
    """
    steps = {
        f"{Path(file).stem}/{step.id}": step
        for file, workflow in workflows(project).items()
        for job in workflow.jobs
        for step in job.steps
    }
    listed = yaml.safe_load((LABS / "mlops" / "steps.yml").read_text(encoding="utf-8"))
    taken = [(row, steps[row["step"]]) for row in listed]
    return [
        (row["does"], step.run or step.uses.partition("@")[0], row["leaves"]) for row, step in taken
    ]


def assume_role(lab: Lab, arn: str, workflow: str = "ci.yml", **claims: str) -> str:
    """Ask the issuer for a token that says `claims`, and the role to let its bearer in.

    What the role's trust policy answers, as text.
    """
    said = {"repository": "lab/churn", "ref": "refs/heads/main", "event_name": "push", **claims}
    file = f"{said['repository']}/.github/workflows/{workflow}@{said['ref']}"
    issuer, jobs = lab.services["oidc"].url, {"build": {"job_workflow_ref": file}}
    bearer = _http.post(f"{issuer}/runs", json={**said, "jobs": jobs}).json()["token"]
    headers = {"Authorization": f"Bearer {bearer}"}
    asked = _http.get(f"{issuer}/token", params={"audience": AUDIENCE}, headers=headers)
    keys = f"{issuer}/.well-known/jwks"
    try:
        claimed = trust.authorize(asked.json()["value"], arn, boto3.client("iam"), keys)
    except trust.Denied as denied:
        return str(denied)
    return f"let in: {claimed['sub']}"
