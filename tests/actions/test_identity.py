"""Which jobs may ask who they are."""

import pytest

from actions.conftest import Make
from issuer import ask, read
from mlops_lab.actions.identity import granted, request
from mlops_lab.actions.workflow import Workflow, workflows

STEPS = "runs-on: x, steps: [{run: echo}]"
OUTER = f"""
name: outer
on: push
permissions: {{contents: read}}
jobs:
  test: {{{STEPS}}}
  build: {{permissions: {{id-token: write}}, environment: prod, {STEPS}}}
  wide: {{permissions: write-all, {STEPS}}}
  narrow: {{permissions: {{}}, {STEPS}}}
  call: {{permissions: {{id-token: write}}, uses: ./.github/workflows/inner.yml}}
  call-without: {{uses: ./.github/workflows/other.yml}}
"""
INNER = f"""
name: inner
on: workflow_call
jobs:
  silent: {{{STEPS}}}
  asks: {{permissions: {{id-token: write}}, {STEPS}}}
  reads: {{permissions: {{contents: read}}, {STEPS}}}
"""
OTHER = f"on: workflow_call\njobs: {{wants: {{permissions: {{id-token: write}}, {STEPS}}}}}"
GITHUB = {
    "repository": "lab/churn", "ref": "refs/heads/main", "sha": "abc", "workflow": "outer",
    "event_name": "push", "run_id": "7", "actor": "lab", "head_ref": "",
}  # fmt: skip


@pytest.fixture
def workflow(make: Make) -> Workflow:
    return workflows(make(outer=OUTER, inner=INNER, other=OTHER))["outer.yml"]


def test_only_jobs_with_the_permission_may(workflow: Workflow) -> None:
    assert [(job.id, file) for job, file in granted(workflow)] == [
        ("build", "outer.yml"),
        ("wide", "outer.yml"),
        ("silent", "inner.yml"),
        ("asks", "inner.yml"),
    ]


def test_the_issuer_learns_what_the_run_is(workflow: Workflow, issuer: str) -> None:
    found = request(issuer, workflow, GITHUB, {"repository_id": "42"})
    assert found["ACTIONS_ID_TOKEN_REQUEST_URL"].startswith(f"{issuer}/token?")
    bearer = found["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    build, asks = (read(ask(issuer, bearer, f"job={job}")) for job in ("build", "asks"))
    assert build["sub"] == "repo:lab@1000001/churn@42:environment:prod"
    assert build["workflow_ref"] == "lab/churn/.github/workflows/outer.yml@refs/heads/main"
    assert asks["job_workflow_ref"] == "lab/churn/.github/workflows/inner.yml@refs/heads/main"


def test_who_may_not_gets_no_variables(make: Make, issuer: str, workflow: Workflow) -> None:
    plain = workflows(make("plain", it=f"on: push\njobs: {{a: {{{STEPS}}}}}"))["it.yml"]
    assert request(issuer, plain, GITHUB, {}) == {}
    assert request("", workflow, GITHUB, {}) == {}
