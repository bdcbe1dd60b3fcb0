"""Stands in for GitHub's OpenID Connect issuer, with a key that is made when it starts.

Its tokens say what GitHub's say (https://docs.github.com/en/actions/reference/security/oidc), the
issuer's address too, so that a role's trust policy is the same here and there. Whoever checks them
has to know that the keys of that issuer are at this server's ``/.well-known/jwks``.

    GET  /.well-known/openid-configuration
    GET  /.well-known/jwks
    GET  /token?audience=A&job=ID    needs the run's bearer, and gives ``{"value": token}``
    POST /runs                       a runner's facts about a run; gives ``{"token": bearer}``

On GitHub nobody can call the last. Here every process of this machine can, so these tokens prove
nothing beyond the lab.
"""

import argparse
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ISSUER = "https://token.actions.githubusercontent.com"
# The example tokens of GitHub's docs: valid from ten minutes before until five minutes after.
SKEW, LIFETIME = 600, 300  # seconds
OWNER_ID, REPOSITORY_ID = "1000001", "2000002"
# What of a run's facts is for the issuer and no claim.
SETTINGS = ("jobs", "subject_format", "lifetime")


class Issuer:
    """Knows the runs that it was told of, and signs what it knows."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._id = uuid.uuid4().hex
        self._runs: dict[str, Mapping[str, Any]] = {}

    def keys(self) -> dict[str, Any]:
        """The public key as a JWKS."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self._id, "alg": "RS256", "use": "sig"}]}

    def begin(self, run: Mapping[str, Any]) -> str:
        """The bearer with which the run's jobs ask."""
        bearer = secrets.token_urlsafe(24)
        self._runs[bearer] = run
        return bearer

    def token(self, bearer: str, audience: str, job: str) -> str | None:
        """A token for the job, or none if the bearer is unknown or the job must not have one.

        Without a job it is for the run's only one that may.
        """
        run = self._runs.get(bearer)
        jobs = run["jobs"] if run else {}
        job = job or (next(iter(jobs)) if len(jobs) == 1 else "")
        if run is None or job not in jobs:
            return None
        claims = self._claims(run, jobs[job], audience)
        return jwt.encode(claims, self._key, "RS256", headers={"kid": self._id})

    def _claims(
        self, run: Mapping[str, Any], job: Mapping[str, str], audience: str
    ) -> dict[str, Any]:
        now = int(time.time())
        owner = run["repository"].partition("/")[0]
        facts = {
            "repository_owner": owner,
            "repository_id": REPOSITORY_ID,
            "repository_owner_id": OWNER_ID,
            "repository_visibility": "private",
            "ref_type": "branch",
            "run_attempt": "1",
            "runner_environment": "self-hosted",
            **{k: v for k, v in run.items() if k not in SETTINGS},
            **{k: v for k, v in job.items() if v},
        }
        return {
            **facts,
            "iss": ISSUER,
            "aud": audience or f"https://github.com/{owner}",
            "sub": subject(facts, run.get("subject_format", "immutable")),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now - SKEW,
            "exp": now + int(run.get("lifetime", LIFETIME)),
        }


def subject(claims: Mapping[str, str], form: str = "immutable") -> str:
    """The subject of a token.

    `form` is ``immutable``, with the numbers of owner and repository, as repositories have that
    were made since 15 July 2026; or ``names``, as older ones have
    (github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens).
    """
    owner, _, name = claims["repository"].partition("/")
    if form == "immutable":
        owner = f"{owner}@{claims['repository_owner_id']}"
        name = f"{name}@{claims['repository_id']}"
    if environment := claims.get("environment"):
        context = f"environment:{environment}"
    elif claims["event_name"] == "pull_request":
        context = "pull_request"
    else:
        context = f"ref:{claims['ref']}"
    return f"repo:{owner}/{name}:{context}"


def app() -> Starlette:
    """The four addresses of this module's docstring."""
    issuer = Issuer()

    def about(request: Request) -> Response:
        where = {"issuer": ISSUER, "jwks_uri": f"{request.base_url}.well-known/jwks"}
        kinds = {"subject_types_supported": ["public"], "response_types_supported": ["id_token"]}
        signing = {"id_token_signing_alg_values_supported": ["RS256"]}
        return JSONResponse({**where, **kinds, **signing})

    def keys(request: Request) -> Response:
        return JSONResponse(issuer.keys())

    async def begin(request: Request) -> Response:
        return JSONResponse({"token": issuer.begin(await request.json())})

    def token(request: Request) -> Response:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        known = bearer if scheme.lower() == "bearer" else ""
        asked = request.query_params
        found = issuer.token(known, asked.get("audience", ""), asked.get("job", ""))
        content = {"value": found} if found else {"message": "Forbidden"}
        return JSONResponse(content, 200 if found else 403)

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", about),
            Route("/.well-known/jwks", keys),
            Route("/token", token),
            Route("/runs", begin, methods=["POST"]),
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(app(), port=parser.parse_args().port, timeout_graceful_shutdown=1)
