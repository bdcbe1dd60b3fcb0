"""What the delivery labs set up around their pipelines, and a reader need not see."""

import contextlib
import hashlib
import importlib
import json
import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import boto3
import httpx
import yaml

from mlops_lab.actions import trust
from mlops_lab.actions.result import StepResult
from mlops_lab.actions.runner import Runner, utc_now
from mlops_lab.actions.workflow import workflows
from mlops_lab.cluster import state
from mlops_lab.core.environment import NOWHERE
from mlops_lab.core.paths import LABS
from mlops_lab.core.process import run
from mlops_lab.core.waiting import LIMIT
from mlops_lab.helpers.serving import get
from mlops_lab.lab.cleanup import DEPLOY
from mlops_lab.lab.lab import Lab
from mlops_lab.lab.prepare import set_alias
from mlops_lab.services.oidc import ISSUER

REGION = "us-east-1"
ROWS = 6000  # of a batch
AUDIENCE = "sts.amazonaws.com"
ROLES = LABS / "roles"
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


def role(lab: Lab) -> str:
    """The ARN of the role that builds; made with the one that deploys, the issuer and the bucket.

    Both are in labs/roles: whom each trusts, and what it may do.
    """
    boto3.client("s3").create_bucket(Bucket=lab.name)
    iam = boto3.client("iam")
    _provider(iam)
    for name, file in ((lab.name, "build"), (lab.name + DEPLOY, "deploy")):
        trust = (ROLES / f"{file}.trust.json").read_text(encoding="utf-8")
        may = (ROLES / f"{file}.permissions.json").read_text(encoding="utf-8")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        may = may.replace("BUCKET", lab.name)
        iam.put_role_policy(RoleName=name, PolicyName=file, PolicyDocument=may)
    return str(iam.get_role(RoleName=lab.name)["Role"]["Arn"])


def _provider(iam: Any) -> None:
    """The account has one for all labs, and one beside this may be making it at this moment."""
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[AUDIENCE])


def runner(
    lab: Lab,
    arn: str,
    folder: Path | str = ".",
    clock: Callable[[], datetime] = utc_now,
    config: str = "",
    **changes: str,
) -> Runner:
    """A runner for a repository, with its variables and with secrets made just now.

    `config` is the URL of the configuration repository; without one nothing is delivered.
    `changes` replaces variables of the machine that runs, such as BUILDER.
    """
    cluster = {name: lab.exports[name] for name in CLUSTER if name in lab.exports}
    builder = {"BUILDER": str(state.FOLDER / "bin" / lab.exports.get("BUILDER", "none"))}
    # Without a cluster there is no registry either, and nothing to build from.
    none = {"REGISTRY": NOWHERE.removeprefix("http://"), "WHEELS": "image"}
    machine = {"AWS_ENDPOINT_URL": lab.services["aws"].url, "UV_OFFLINE": "1", **none}
    return Runner(
        folder,
        env={**machine, **cluster, **builder, **changes},
        variables={**variables(lab, config), "AWS_ROLE": arn, "AWS_DEPLOY_ROLE": arn + DEPLOY},
        secrets=secret_values(lab),
        issuer=lab.services["oidc"].url,
        clock=clock,
    )


# What the runner needs of a cluster: see `access.join`.
CLUSTER = ("KUBECONFIG", "REGISTRY", "WHEELS", "BASE")


def variables(lab: Lab, config: str) -> dict[str, str]:
    """The repository's variables, as one would set them on GitHub."""
    tracking = lab.services["mlflow"].url if "mlflow" in lab.services else NOWHERE
    return {
        "AWS_REGION": REGION,
        "BUCKET": lab.name,
        "MLFLOW_TRACKING_URI": tracking,
        "MODEL": lab.name,
        "MAIL_SERVER": _http.get(f"{lab.services['mail'].url}/server").text.strip(),
        "DELIVERY": "on" if config else "off",
        "APPLICATION": f"dev-{lab.name}",
        "NAMESPACE": f"dev-{lab.name}",
        "CONFIG_REPOSITORY": config or f"{NOWHERE}/config.git",
    }


def secret_values(lab: Lab) -> dict[str, str]:
    """The repository's secrets: made at random, so that none stands in any file.

    The webhook's address has one in it, as Slack's have.
    """
    hook = f"{lab.services['slack'].url}/services/{secrets.token_hex(12)}"
    return {
        "SLACK_WEBHOOK": hook,
        "CONFIG_TOKEN": secrets.token_hex(20),
        "GITHUB_TOKEN": secrets.token_hex(20),
    }


def bootstrap(lab: Lab) -> None:
    """Put the project into operation: data and model in S3, dvc.lock, and a champion in MLflow."""
    access = {"AWS_ENDPOINT_URL": lab.services["aws"].url, "BUCKET": lab.name}
    for target in ("data", "train", "push-model", "record", "publish-record"):
        run("make", target, env=access)
    run("python", "train.py", "--experiment", lab.name, "--register", lab.name)
    set_alias(lab.services["mlflow"].url, lab.name, "champion", version=1)


def upload_batch(lab: Lab, story: str, rows: int = ROWS) -> dict[str, str]:
    """Put a batch of new data where the data team does; what the dispatch then says."""
    file = Path("data") / f"{story}.csv"
    run("python", "-m", "retraining.stories", story, "--rows", str(rows), "--out", str(file))
    key = f"incoming/{story}-{rows}.csv"
    boto3.client("s3").upload_file(str(file), lab.name, key)
    return {"uri": f"s3://{lab.name}/{key}", "md5": hashlib.md5(file.read_bytes()).hexdigest()}


def publish_config(lab: Lab) -> str:
    """Publish ../config to the cluster's git server, and let Argo CD deliver it to `dev`.

    The URL by which this machine reaches the repository.
    """
    remote = lab.forward("git", "/healthz", namespace="lab") + f"/{lab.name}.git"
    config = Path("../config")
    run("git", "-C", str(config), "push", "--quiet", "--force", remote, "main")
    inside = f"http://git.lab.svc.cluster.local/{lab.name}.git"
    for file in ("project", "dev"):
        text = (config / "argocd" / f"{file}.yaml").read_text(encoding="utf-8")
        manifest = text.replace("NAME", lab.name).replace("REPOSITORY", inside)
        run("kubectl", "apply", "-f", "-", told=manifest)
    wait = f"kubectl wait -n argocd application/dev-{lab.name} --timeout={LIMIT:.0f}s"
    for path, value in (("operationState.phase", "Succeeded"), ("health.status", "Healthy")):
        run(*wait.split(), f"--for=jsonpath={{.status.{path}}}={value}")
    return remote


def wait_for_rollout(lab: Lab) -> None:
    """Return once only the pods of the newest version are left in `dev`.

    A port-forward to a Service takes the pod that has been ready for longest, also one that is
    about to end.
    """
    there = ("-n", f"dev-{lab.name}", f"--timeout={LIMIT:.0f}s")
    run("kubectl", "rollout", "status", "deployment/churn-predictor", *there)
    found = json.loads(run("kubectl", "get", "pods", "-n", f"dev-{lab.name}", "-o", "json"))
    metadata = [pod["metadata"] for pod in found["items"]]
    ending = [f"pod/{one['name']}" for one in metadata if "deletionTimestamp" in one]
    if ending:
        run("kubectl", "wait", "--for=delete", *ending, *there)


def messages(lab: Lab, word: str) -> list[str]:
    """What arrived at the Slack receiver with `word` in it; waits for the first."""
    status, found = get(f"{lab.services['slack'].url}/messages/{word}")
    assert status == 200
    return [message["text"] for message in found]


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


def demos() -> Callable[[str], None]:
    """What runs a demonstration of labs/audit by its name."""
    sys.path.insert(0, str(LABS / "audit"))
    return cast(Callable[[str], None], importlib.import_module("demos").run)


def make(target: str, *arguments: str) -> str:
    """What a target of the project prints; its error, if it fails.

    Raises:
        LabError: the target failed; what it said is in the message.
    """
    return run("make", "--silent", target, *arguments).rstrip()


def reason(step: StepResult) -> str:
    """The line in which a failed step of the retraining says why: a row of its table, if any."""
    rows = [line for line in step.lines if line.endswith("  error")]
    words = ("refused: ", "unusable: ", "stopped: ")
    said = [line.partition(": ")[2] for line in step.lines if line.startswith(words)]
    return " ".join([*rows, *said, *step.lines][0].split())
