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
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

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


class Handler(BaseHTTPRequestHandler):
    """The four addresses of this module's docstring."""

    issuer: Issuer

    def do_POST(self) -> None:
        """Take a run's facts."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(200, {"token": self.issuer.begin(json.loads(body))})

    def do_GET(self) -> None:
        """Answer whoever checks tokens, and jobs that want one."""
        asked = urlsplit(self.path)
        here = f"http://{self.headers['Host']}"
        if asked.path == "/.well-known/openid-configuration":
            keys, algorithms = f"{here}/.well-known/jwks", ["RS256"]
            about = {"issuer": ISSUER, "jwks_uri": keys, "subject_types_supported": ["public"]}
            signing = {"id_token_signing_alg_values_supported": algorithms}
            self._answer(200, {**about, **signing, "response_types_supported": ["id_token"]})
        elif asked.path == "/.well-known/jwks":
            self._answer(200, self.issuer.keys())
        elif asked.path == "/token":
            self._token({k: v[0] for k, v in parse_qs(asked.query).items()})
        else:
            self._answer(404, {"message": "Not Found"})

    def _token(self, query: Mapping[str, str]) -> None:
        scheme, _, bearer = self.headers.get("Authorization", "").partition(" ")
        known = bearer if scheme.lower() == "bearer" else ""
        token = self.issuer.token(known, query.get("audience", ""), query.get("job", ""))
        self._answer(200, {"value": token}) if token else self._answer(
            403, {"message": "Forbidden"}
        )

    def _answer(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(port: int) -> ThreadingHTTPServer:
    """The server, on 127.0.0.1, about to be started."""
    handler = type("IssuerHandler", (Handler,), {"issuer": Issuer()})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    serve(parser.parse_args().port).serve_forever()
