"""The stand-ins for actions, run by act, and the file that lists them."""

import json
import platform
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from actions.conftest import MAIN, Make, policy
from mlops_lab.actions.result import Run
from mlops_lab.actions.runner import Runner
from mlops_lab.actions.standins import BUILT_IN, FOLDER, stand_ins
from mlops_lab.actions.trust import ISSUER
from mlops_lab.core.paths import ROOT

USES = {uses.partition("@")[0].rpartition("/")[2]: uses for uses in stand_ins()}
MINOR = ".".join(platform.python_version_tuple()[:2])
LOGIN = f"""
name: login
on: push
permissions: {{}}
jobs:
  build:
    permissions: {{id-token: write}}
    runs-on: x
    steps:
      - name: Log in to AWS
        id: aws
        uses: {USES["configure-aws-credentials"]}
        with: {{role-to-assume: "${{{{ vars.AWS_ROLE }}}}", aws-region: eu-central-1}}
      - name: Who
        shell: python
        run: import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])
      - name: Show
        run: 'echo "$AWS_REGION ${{{{ steps.aws.outputs.aws-account-id }}}} $AWS_SECRET_ACCESS_KEY"'
      - name: Log in to ECR
        id: ecr
        uses: {USES["amazon-ecr-login"]}
      - name: Registry
        run: echo ${{{{ steps.ecr.outputs.registry }}}}
  after:
    needs: build
    permissions: {{contents: read}}
    runs-on: x
    steps:
      - name: Not logged in
        run: echo "[$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY$AWS_SESSION_TOKEN]"
      - name: May not
        uses: {USES["configure-aws-credentials"]}
        with: {{role-to-assume: "${{{{ vars.AWS_ROLE }}}}", aws-region: eu-central-1}}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def iam(aws: str) -> Any:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-central-1"}
    client = boto3.client("iam", endpoint_url=aws, **keys)
    urllib.request.urlopen(f"{aws}/moto-api/reset", b"").close()
    client.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    return client


def run(make: Make, aws: str, issuer: str, iam: Any, sub: str = MAIN, **more: Any) -> Run:
    role = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(policy(sub)))
    runner = Runner(
        make(login=LOGIN),
        env={"AWS_ENDPOINT_URL": aws, "REGISTRY": "localhost:5001/lab"},
        variables={"AWS_ROLE": role["Role"]["Arn"]},
        issuer=issuer,
        **more,
    )
    (ran,) = runner.push().wait()
    return ran


def test_a_job_logs_in_with_its_identity_and_the_next_one_is_not_in(
    make: Make, aws: str, issuer: str, iam: Any
) -> None:
    ran = run(make, aws, issuer, iam)
    assert ran.jobs == {"build": "success", "after": "failure"}
    assert "assumed-role/ci/GitHubActions" in ran.step("Who").log()
    assert ran.step("Show").log() == "eu-central-1 123456789012 ***"
    assert ran.step("Registry").log() == "localhost:5001/lab"
    assert "moto takes no images" in ran.step("Log in to ECR").log()
    assert ran.step("Not logged in").log() == "[]"
    assert "id-token: write" in ran.step("May not").log()


def test_no_credential_is_in_the_log(make: Make, aws: str, issuer: str, iam: Any) -> None:
    ran = run(make, aws, issuer, iam)
    text = repr(ran)
    assert "::set-env:: AWS_SESSION_TOKEN=***" in text
    assert not re.search(r"eyJ[\w-]{20}", text)
    assert not re.search(r"A[SK]IA[A-Z0-9]{12}", text)
    assert '"arg": "***"' in text


@pytest.mark.parametrize(
    ("sub", "claims", "said"),
    [
        (MAIN.replace("main", "release"), {}, "refs/heads/main' is not"),
        (MAIN, {"subject_format": "names"}, "'repo:lab/churn:ref:refs/heads/main' is not"),
        (MAIN, {"lifetime": -1}, "has expired"),
    ],
)
def test_a_job_that_the_role_does_not_trust_stops_there(
    make: Make, aws: str, issuer: str, iam: Any, sub: str, claims: dict[str, Any], said: str
) -> None:
    ran = run(make, aws, issuer, iam, sub, claims=claims)
    assert ran.failed_step is ran.step("Log in to AWS")
    assert "Error: Could not assume role with OIDC: " in ran.failed_step.log()
    assert said in ran.failed_step.log()
    assert ran.step("Who").result == "skipped"


def python(wanted: str) -> str:
    return f"""
on: push
jobs:
  it:
    runs-on: x
    steps:
      - id: python
        uses: {USES["setup-python"]}
        with: {{python-version: "{wanted}"}}
      - {{name: Show, run: 'echo "${{{{ steps.python.outputs.python-version }}}}"'}}
"""


def test_python_is_checked(make: Make) -> None:
    (ran,) = Runner(make(it=python(MINOR))).push().wait()
    assert ran.step("Show").log() == platform.python_version()
    (wrong,) = Runner(make("other", it=python("2.7"))).push().wait()
    assert wrong.failed_step is not None
    assert wrong.failed_step.lines[0].startswith("Error: The workflow wants Python 2.7, and this")


def test_every_action_is_pinned_and_its_stand_in_is_there() -> None:
    for uses, entry in stand_ins().items():
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", uses)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", entry.version)
        assert entry.differs.endswith(".")
        assert uses.startswith(BUILT_IN) == (not entry.folder)
        action = (
            yaml.safe_load((FOLDER / entry.folder / "action.yml").read_text())
            if entry.folder
            else {}
        )
        assert not entry.folder or action["runs"]["using"] == "composite"
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders == {entry.folder for entry in stand_ins().values()} - {""}


def test_the_repository_s_own_workflows_agree_on_the_pins() -> None:
    pins = {uses.partition("@")[0]: uses for uses in stand_ins()}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for uses in re.findall(r"uses: (\S+@[0-9a-f]{40})", path.read_text()):
            assert pins.get(uses.partition("@")[0], uses) == uses, path
