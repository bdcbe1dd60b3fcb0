"""A running issuer of OpenID Connect, and what jobs ask of it."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from mlops_lab.services import oidc

RUN = {
    "repository": "lab/churn", "ref": "refs/heads/main", "sha": "abc", "workflow": "ci",
    "event_name": "push", "run_id": "7", "jobs": {
        "build": {"job_workflow_ref": "lab/churn/.github/workflows/ci.yml@refs/heads/main"},
        "deploy": {"environment": "production"},
    },
}  # fmt: skip


def begin(issuer: str, **more: Any) -> str:
    body = json.dumps({**RUN, **more}).encode()
    with urllib.request.urlopen(f"{issuer}/runs", body) as answer:
        return json.load(answer)["token"]


def ask(issuer: str, bearer: str, query: str = "audience=sts.amazonaws.com&job=build") -> str:
    headers = {"Authorization": f"bearer {bearer}"}
    request = urllib.request.Request(f"{issuer}/token?{query}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["value"]


def read(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
def issuer() -> Iterator[str]:
    """The URL of a running issuer."""
    server = oidc.serve(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
