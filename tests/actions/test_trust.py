"""Who a role lets in."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import jwt
import pytest
from moto import mock_aws

from actions.conftest import ARN, AUDIENCE, HOST, MAIN, REPOSITORY, policy
from conftest import ROOT
from issuer import ask, begin
from mlops_lab.actions.trust import ACTION, ISSUER, Denied, authorize, evaluate, verify
from mlops_lab.core.errors import LabError
from mlops_lab.services.oidc import OWNER_ID, REPOSITORY_ID

FILES = ("ci", "ct", "cd", "main")


def claims(sub: str = MAIN, **more: Any) -> dict[str, Any]:
    return {"aud": AUDIENCE, "sub": sub, **more}


@pytest.mark.parametrize(
    "rule",
    [
        policy(),
        policy([f"{REPOSITORY}:environment:prod", MAIN]),
        policy(f"{REPOSITORY}:ref:refs/heads/*", like=True),
        policy(f"{REPOSITORY}:ref:refs/heads/mai?", like=True),
        policy(Action=["sts:TagSession", "sts:assumerolewithwebidentity"]),
        policy(Action="sts:*"),
        policy(Principal={"Federated": ["arn:other", ARN]}),
        {"Statement": policy()["Statement"][0]},
    ],
)
def test_the_right_repository_and_branch_pass(rule: dict[str, Any]) -> None:
    evaluate(rule, claims(), ARN)


@pytest.mark.parametrize(
    "sub",
    [
        f"{REPOSITORY}:ref:refs/heads/dev",
        f"{REPOSITORY}:ref:refs/heads/main2",
        f"{REPOSITORY}:pull_request",
        "repo:lab/churn:ref:refs/heads/main",
        f"repo:lab@{OWNER_ID}/churn-evil@99:ref:refs/heads/main",
        f"repo:evil@99/churn@{REPOSITORY_ID}:ref:refs/heads/main",
        MAIN.upper(),
    ],
)
def test_another_branch_repository_or_form_is_refused(sub: str) -> None:
    said = f"^Not authorized to perform {ACTION}: statement 1: StringEquals {HOST}:sub: '"
    with pytest.raises(Denied, match=said):
        evaluate(policy(), claims(sub), ARN)


def test_a_star_after_the_whole_name_keeps_look_alikes_out() -> None:
    rule = policy(f"{REPOSITORY}:*", like=True)
    evaluate(rule, claims(f"{REPOSITORY}:pull_request"), ARN)
    for name in (f"churn@{REPOSITORY_ID}9", "churn-evil@99", f"churn@{REPOSITORY_ID}-evil"):
        with pytest.raises(Denied, match="StringLike"):
            evaluate(rule, claims(f"repo:lab@{OWNER_ID}/{name}:ref:refs/heads/main"), ARN)


def test_a_star_in_the_name_lets_look_alikes_in() -> None:
    """The mistake that the form with numbers does not prevent either."""
    rule = policy("repo:lab*", like=True)
    evaluate(rule, claims("repo:lab-evil@99/anything@1:ref:refs/heads/main"), ARN)


def test_an_equal_sign_knows_no_star() -> None:
    with pytest.raises(Denied, match="StringEquals"):
        evaluate(policy(f"{REPOSITORY}:*"), claims(), ARN)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (policy(Action="sts:AssumeRole"), "its action is sts:AssumeRole"),
        (policy(Principal={"Service": "ec2.amazonaws.com"}), "its principal is not"),
        (policy(Principal="*"), "its principal is not"),
        (policy(Condition={"StringEquals": {f"{HOST}:aud": "other"}}), ":aud: 'sts.amazonaws.com'"),
        (policy(Condition={"StringLike": {f"{HOST}:actor": "*"}}), "actor: None is not"),
    ],
)
def test_what_did_not_hold_is_named(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(Denied, match=said):
        evaluate(rule, claims(), ARN)


def test_without_conditions_everybody_gets_in() -> None:
    """Which is why every guide warns of it."""
    evaluate(policy(Condition={}), claims("repo:evil/evil:ref:refs/heads/main"), ARN)


def test_a_denial_wins() -> None:
    rule = policy()
    rule["Statement"].append({**rule["Statement"][0], "Effect": "Deny"})
    with pytest.raises(Denied, match="statement 2 denies it"):
        evaluate(rule, claims(), ARN)


def test_one_of_two_statements_is_enough() -> None:
    rule = policy(f"{REPOSITORY}:pull_request")
    rule["Statement"] += policy()["Statement"]
    evaluate(rule, claims(), ARN)


def test_an_operator_that_the_lab_does_not_know_is_told() -> None:
    with pytest.raises(LabError, match="not StringNotLike"):
        evaluate(policy(Condition={"StringNotLike": {f"{HOST}:sub": "x"}}), claims(), ARN)


@pytest.fixture
def keys(issuer: str) -> str:
    return f"{issuer}/.well-known/jwks"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        client = boto3.client("iam", region_name="eu-central-1")
        arn = client.create_open_id_connect_provider(
            Url=ISSUER, ClientIDList=[AUDIENCE], ThumbprintList=["a" * 40]
        )["OpenIDConnectProviderArn"]
        assert arn == ARN
        yield client


def role(iam: Any, rule: dict[str, Any]) -> str:
    made = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(rule))
    return made["Role"]["Arn"]


def test_a_true_token_gets_in(issuer: str, keys: str, iam: Any) -> None:
    token = ask(issuer, begin(issuer))
    assert authorize(token, role(iam, policy()), iam, keys)["sub"] == MAIN


def test_the_old_form_of_the_subject_is_refused(issuer: str, keys: str, iam: Any) -> None:
    token = ask(issuer, begin(issuer, subject_format="names"))
    with pytest.raises(
        Denied, match=r"Not authorized .*'repo:lab/churn:ref:refs/heads/main' is not"
    ):
        authorize(token, role(iam, policy()), iam, keys)


def test_a_token_for_somebody_else_is_refused(issuer: str, keys: str, iam: Any) -> None:
    token = ask(issuer, begin(issuer), "audience=vault&job=build")
    with pytest.raises(Denied, match="Incorrect token audience") as refusal:
        authorize(token, role(iam, policy()), iam, keys)
    assert refusal.value.code == "InvalidIdentityToken"


def test_an_expired_token_is_refused(issuer: str, keys: str) -> None:
    token = ask(issuer, begin(issuer, lifetime=-1))
    with pytest.raises(Denied, match="expired") as refusal:
        verify(token, keys, [AUDIENCE])
    assert refusal.value.code == "ExpiredToken"


def test_a_changed_token_is_refused(issuer: str, keys: str) -> None:
    head, body, signature = ask(issuer, begin(issuer)).split(".")
    other = ask(issuer, begin(issuer, repository="evil/evil")).split(".")[1]
    assert body != other
    with pytest.raises(Denied, match="could not be validated"):
        verify(f"{head}.{other}.{signature}", keys, [AUDIENCE])


def test_a_token_of_another_signer_or_of_none_is_refused(issuer: str, keys: str) -> None:
    token = ask(issuer, begin(issuer))
    said = jwt.decode(token, options={"verify_signature": False})
    header = {"kid": jwt.get_unverified_header(token)["kid"]}
    forged = jwt.encode(said, "a secret of thirty-two characters", "HS256", headers=header)
    unsigned = jwt.encode(said, None, "none", headers=header)
    for wrong in (forged, unsigned, "no token"):
        with pytest.raises(Denied, match="could not be validated"):
            verify(wrong, keys, [AUDIENCE])


def test_an_account_that_knows_no_issuer_lets_nobody_in(issuer: str, keys: str, iam: Any) -> None:
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=ARN)
    with pytest.raises(Denied, match="No OpenIDConnect provider found in your account"):
        authorize(ask(issuer, begin(issuer)), role(iam, policy()), iam, keys)


def lets_in(role: str, workflow: str) -> bool:
    """Whether a role of labs/roles is for the jobs of a workflow file of main."""
    trust = json.loads((ROOT / "labs/roles" / f"{role}.trust.json").read_text())
    file = f"lab/churn/.github/workflows/{workflow}.yml@refs/heads/main"
    try:
        evaluate(trust, claims(job_workflow_ref=file), ARN)
    except Denied:
        return False
    return True


def test_each_workflow_gets_its_own_role_and_no_other_file_gets_one() -> None:
    roles = {name: [role for role in ("build", "deploy") if lets_in(role, name)] for name in FILES}
    assert roles == {"ci": ["build"], "ct": ["build"], "cd": ["deploy"], "main": []}


def test_the_role_that_deploys_may_only_read() -> None:
    said = json.loads((ROOT / "labs/roles/deploy.permissions.json").read_text())
    (statement,) = said["Statement"]
    assert statement["Action"] == ["s3:GetObject"]
    assert statement["Resource"] == "arn:aws:s3:::BUCKET/dvc/*"
