"""A repository's variables and secrets, as ``gh variable set`` and ``gh secret set`` send them.

A secret comes encrypted for a key that the server made at its start, as GitHub's API demands
(https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api).
"""

import base64
import secrets
from collections.abc import Callable
from typing import Any

from nacl.public import PrivateKey, SealedBox
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Settings:
    """What the runner reads as ``vars`` and ``secrets``. Each run has a token of its own name."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.secrets: dict[str, str] = {"GITHUB_TOKEN": secrets.token_hex(20)}
        self._key = PrivateKey.generate()

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        """Method, path below the repository's, and who answers."""
        variables, kept = "/actions/variables", "/actions/secrets"
        return [
            ("GET", variables, lambda _: self._all()),
            ("POST", variables, self._create),
            ("GET", f"{variables}/{{name}}", lambda r: self._one(r.path_params["name"])),
            ("PATCH", f"{variables}/{{name}}", self._change),
            ("GET", kept, lambda _: self._names()),
            ("GET", f"{kept}/public-key", lambda _: self._public()),
            ("PUT", f"{kept}/{{name}}", self._keep),
        ]

    def _all(self) -> dict[str, Any]:
        return {"total_count": len(self.variables), "variables": [*map(self._one, self.variables)]}

    def _one(self, name: str) -> dict[str, str]:
        return {"name": name, "value": self.variables[name], **_TIMES}

    async def _create(self, request: Request) -> Response:
        said = await request.json()
        if said["name"] in self.variables:
            return JSONResponse({"message": "Already exists"}, status_code=409)
        self.variables[said["name"]] = said["value"]
        return JSONResponse({}, status_code=201)

    async def _change(self, request: Request) -> Response:
        said = await request.json()
        self.variables[request.path_params["name"]] = said["value"]
        return Response(status_code=204)

    def _names(self) -> dict[str, Any]:
        names = [{"name": name, **_TIMES} for name in self.secrets if name != "GITHUB_TOKEN"]
        return {"total_count": len(names), "secrets": names}

    def _public(self) -> dict[str, str]:
        return {"key_id": "1", "key": base64.b64encode(bytes(self._key.public_key)).decode()}

    async def _keep(self, request: Request) -> Response:
        said = await request.json()
        sealed = base64.b64decode(said["encrypted_value"])
        self.secrets[request.path_params["name"]] = SealedBox(self._key).decrypt(sealed).decode()
        return JSONResponse({}, status_code=201)


# When it was set: nobody asks here.
_TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
