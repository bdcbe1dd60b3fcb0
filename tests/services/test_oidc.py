"""The issuer gives the jobs of a run tokens that say who they are."""

import httpx
import jwt
import pytest

from issuer import ask, begin, read
from mlops_lab.actions import trust
from mlops_lab.services import oidc
from mlops_lab.services.oidc import OWNER_ID, REPOSITORY_ID, subject


def test_a_token_says_what_github_s_say(issuer: str) -> None:
    token = ask(issuer, begin(issuer))
    claims = read(token)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    assert claims["iss"] == oidc.ISSUER == trust.ISSUER
    assert claims["sub"] == f"repo:lab@{OWNER_ID}/churn@{REPOSITORY_ID}:ref:refs/heads/main"
    assert claims["aud"] == "sts.amazonaws.com"
    assert claims["exp"] - claims["iat"] == oidc.LIFETIME
    assert claims["iat"] - claims["nbf"] == oidc.SKEW
    assert claims["job_workflow_ref"].endswith("ci.yml@refs/heads/main")
    assert "environment" not in claims
    assert not {"jobs", "lifetime", "subject_format"} & set(claims)
    asked = {"repository", "repository_id", "repository_owner", "repository_owner_id", "ref", "sha"}
    assert asked | {"workflow", "run_id", "event_name", "jti"} <= set(claims)


def test_every_token_is_another_and_the_default_audience_is_the_owner(issuer: str) -> None:
    bearer = begin(issuer)
    one, two = (read(ask(issuer, bearer, "job=build")) for _ in range(2))
    assert one["jti"] != two["jti"]
    assert one["aud"] == "https://github.com/lab"


@pytest.mark.parametrize("query", ["job=test", "audience=x"])
def test_a_job_that_may_not_gets_nothing(issuer: str, query: str) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        ask(issuer, begin(issuer), query)


@pytest.mark.parametrize("bearer", ["", "made-up"])
def test_without_the_bearer_there_is_nothing(issuer: str, bearer: str) -> None:
    begin(issuer)
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        ask(issuer, bearer)


def test_a_run_with_one_such_job_need_not_name_it(issuer: str) -> None:
    bearer = begin(issuer, jobs={"build": {}})
    assert read(ask(issuer, bearer, ""))["sub"].endswith("ref:refs/heads/main")


def test_the_discovery_leads_to_the_keys(issuer: str) -> None:
    found = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == oidc.ISSUER
    token = ask(issuer, begin(issuer))
    assert trust.verify(token, found["jwks_uri"], ["sts.amazonaws.com"])["run_id"] == "7"
    assert "d" not in httpx.get(found["jwks_uri"]).json()["keys"][0]


@pytest.mark.parametrize(("path", "status"), [("elsewhere", 404), ("runs", 405)])
def test_another_address_is_refused(issuer: str, path: str, status: int) -> None:
    assert httpx.get(f"{issuer}/{path}").status_code == status


CLAIMS = {
    "repository": "lab/churn", "repository_owner_id": "1", "repository_id": "2",
    "event_name": "push", "ref": "refs/heads/main",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "form", "wanted"),
    [
        ({}, "immutable", "repo:lab@1/churn@2:ref:refs/heads/main"),
        ({}, "names", "repo:lab/churn:ref:refs/heads/main"),
        ({"event_name": "pull_request"}, "immutable", "repo:lab@1/churn@2:pull_request"),
        ({"environment": "prod"}, "immutable", "repo:lab@1/churn@2:environment:prod"),
    ],
)
def test_the_subject_has_github_s_forms(more: dict[str, str], form: str, wanted: str) -> None:
    assert subject({**CLAIMS, **more}, form) == wanted
