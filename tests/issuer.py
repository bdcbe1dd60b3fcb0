"""A running issuer of OpenID Connect, and what jobs ask of it.

What it takes is imported where it is used: every pytest imports this file.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from conftest import serving

RUN = {
    "repository": "lab/churn", "ref": "refs/heads/main", "sha": "abc", "workflow": "ci",
    "event_name": "push", "run_id": "7", "jobs": {
        "build": {"job_workflow_ref": "lab/churn/.github/workflows/ci.yml@refs/heads/main"},
        "deploy": {"environment": "production"},
    },
}  # fmt: skip


def begin(issuer: str, **more: Any) -> str:
    import httpx

    return httpx.post(f"{issuer}/runs", json={**RUN, **more}).json()["token"]


def ask(issuer: str, bearer: str, query: str = "audience=sts.amazonaws.com&job=build") -> str:
    import httpx

    headers = {"Authorization": f"bearer {bearer}".strip()}
    answer = httpx.get(f"{issuer}/token?{query}", headers=headers)
    return answer.raise_for_status().json()["value"]


def read(token: str) -> dict[str, Any]:
    import jwt

    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def issuer() -> Iterator[str]:
    """The URL of a running issuer."""
    from mlops_lab.services import oidc

    with serving(oidc.app()) as url:
        yield url
