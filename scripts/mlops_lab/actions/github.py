"""Stands in for GitHub: takes pushes, answers the part of its REST API that ``gh`` asks, runs runs.

The API is that of https://docs.github.com/en/rest?apiVersion=2022-11-28. For ``gh`` the host
``github.localhost`` is one of GitHub's own developers: it speaks plain HTTP to it, and reaches it
here by its setting ``http_unix_socket``. What becomes of a workflow is in `runner`. Not GitHub's:

    POST /_pushed     what the hook of the repository tells: a branch has moved
    GET  /_clock      which schedule is due next
    POST /_clock      ``now``: time has passed until then, and schedules that were due run
    POST /_machine    variables of the machine that runs the steps, such as BUILDER
    GET  /healthz

``GITHUB_CLOCK`` in the environment is the time until told, else it is now.
"""

import argparse
import contextlib
import os
import shlex
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mlops_lab.actions import answers
from mlops_lab.actions.events import Refused
from mlops_lab.actions.queue import Handle
from mlops_lab.actions.runner import Runner, utc_now
from mlops_lab.actions.settings import Settings
from mlops_lab.core import scratch
from mlops_lab.core.environment import NOWHERE
from mlops_lab.core.errors import LabError

REPOSITORY = "lab/churn"
# What the machine has that runs the steps, until told more: no image builder, no way to a cluster.
# A workflow's variables are the repository's.
BARE = {
    "UV_OFFLINE": "1", "BUILDER": "/nowhere/buildah", "WHEELS": "image",
    "REGISTRY": NOWHERE.removeprefix("http://"),
}  # fmt: skip
# In a run, git pushes with the job's own token, and GitHub starts nothing for such a push.
HOOK = """\
#!/bin/sh
[ -n "$GITHUB_ACTIONS" ] && exit
while read -r before after ref; do
    curl --silent --show-error --fail --data "ref=$ref" {url}/_pushed
done
"""


class GitHub:
    """The routes of one repository."""

    def __init__(self, runner: Runner, settings: Settings, machine: dict[str, str]) -> None:
        self._runner, self._settings, self._machine = runner, settings, machine
        self._workflows = answers.Workflows(runner)

    def routes(self) -> list[Route]:
        """Path, method and who answers."""
        runs, flows = "/actions/runs", "/actions/workflows"
        table: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "", lambda _: answers.repository(REPOSITORY)),
            ("POST", "/dispatches", self._dispatch),
            ("GET", runs, self._runs),
            ("GET", f"{runs}/{{id}}", lambda r: answers.run(self._run(r), self._workflows)),
            ("GET", f"{runs}/{{id}}/jobs", lambda r: answers.jobs(self._run(r))),
            ("GET", f"{runs}/{{id}}/logs", lambda r: answers.logs(self._run(r))),
            ("POST", f"{runs}/{{id}}/cancel", self._cancel),
            ("GET", f"{runs}/{{id}}/artifacts", lambda _: answers.NO_ARTIFACTS),
            ("GET", "/check-runs/{id}/annotations", lambda r: answers.annotations(self._job(r))),
            ("GET", flows, lambda _: self._workflows.all()),
            ("GET", f"{flows}/{{name}}", lambda r: self._workflows.one(r.path_params["name"])),
            ("GET", f"{flows}/{{name}}/runs", self._runs),
            ("POST", f"{flows}/{{name}}/dispatches", self._start),
            *self._settings.routes(),
        ]
        base = f"/repos/{REPOSITORY}"
        own = [
            ("POST", "/_pushed", self._pushed),
            ("GET", "/_clock", lambda _: " ".join(map(str, self._runner.due() or ()))),
            ("POST", "/_clock", self._tick),
            ("POST", "/_machine", self._equip),
            ("GET", "/healthz", lambda _: "ok"),
        ]
        named = [*((m, base + path, do) for m, path, do in table), *own]
        return [Route(path, _answering(do), methods=[method]) for method, path, do in named]

    def _run(self, request: Request) -> Handle:
        return self._found(lambda handle: handle.about.id == request.path_params["id"])

    def _job(self, request: Request) -> tuple[Handle, int]:
        run, number = answers.job_number(request.path_params["id"])
        return self._found(lambda handle: handle.about.id == run), number

    def _found(self, fits: Callable[[Handle], bool]) -> Handle:
        found = next(filter(fits, self._runner.runs), None)
        if found is None:
            raise KeyError
        return found

    def _runs(self, request: Request) -> Any:
        wanted = self._workflows.file(request.path_params.get("name", ""))
        asked = request.query_params
        return answers.runs(reversed(self._runner.runs), asked, self._workflows, wanted)

    async def _dispatch(self, request: Request) -> Response:
        said = await request.json()
        self._runner.dispatch(said.get("event_type", ""), said.get("client_payload"))
        return Response(status_code=204)

    async def _start(self, request: Request) -> Response:
        said = await request.json()
        file = self._workflows.one(request.path_params["name"])["path"].rpartition("/")[2]
        branch = said.get("ref", "").removeprefix("refs/heads/")
        self._runner.manual(file, said.get("inputs") or {}, branch)
        return Response(status_code=204)

    async def _cancel(self, request: Request) -> Response:
        self._run(request).cancel()
        return JSONResponse({}, status_code=202)

    async def _pushed(self, request: Request) -> str:
        ref = str((await request.form())["ref"])
        if not ref.startswith("refs/heads/"):
            return ""
        started = self._runner.push(ref.removeprefix("refs/heads/"))
        return "".join(_told(handle) for handle in started)

    async def _equip(self, request: Request) -> str:
        said = {name: str(value) for name, value in (await request.form()).items()}
        self._machine.update(said)
        return ""

    async def _tick(self, request: Request) -> str:
        now = datetime.fromisoformat(str((await request.form())["now"]))
        # In a thread: it waits for runs, and their steps may ask this server.
        return "".join(map(_told, await run_in_threadpool(self._runner.tick, now)))


def _told(handle: Handle) -> str:
    return f"run {handle.about.id} of {handle.workflow}\n"


def _answering(do: Callable[..., Any]) -> Callable[[Request], Any]:
    """An endpoint: what `do` returns as JSON or text, errors as GitHub words them."""

    async def endpoint(request: Request) -> Response:
        try:
            found = do(request)
            found = await found if hasattr(found, "__await__") else found
        except KeyError:
            return JSONResponse({"message": "Not Found"}, status_code=404)
        except (Refused, LabError, ValueError) as error:
            return JSONResponse({"message": str(error)}, status_code=422)
        if isinstance(found, Response):
            return found
        return PlainTextResponse(found) if isinstance(found, str) else JSONResponse(found)

    return endpoint


def listen(port: int, config: Path) -> list[socket.socket]:
    """A port for the hook, and a Unix socket for ``gh``, which finds it in the folder `config`."""
    path = scratch.folder() / "api"
    here = socket.socket(socket.AF_UNIX)
    here.bind(str(path))
    config.mkdir(exist_ok=True)
    (config / "config.yml").write_text(f"version: 1\nhttp_unix_socket: {path}\n")
    return [socket.create_server(("127.0.0.1", port)), here]


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--repository", type=Path, required=True, help="a bare repository")
    parser.add_argument("--config", type=Path, required=True, help="where gh has its settings")
    given = parser.parse_args()
    clock = os.environ.get("GITHUB_CLOCK", "")
    now = datetime.fromisoformat(clock) if clock else None
    settings = Settings()
    machine = {**BARE, "AWS_ENDPOINT_URL": os.environ.get("AWS_ENDPOINT_URL", NOWHERE)}
    runner = Runner(
        given.repository,
        env=machine,
        variables=settings.variables,
        secrets=settings.secrets,
        issuer=os.environ.get("OIDC_URL", ""),
        clock=(lambda: now) if now else utc_now,
    )
    hook = given.repository / "hooks" / "post-receive"
    hook.write_text(HOOK.format(url=shlex.quote(f"http://127.0.0.1:{given.port}")))
    hook.chmod(0o755)
    app = Starlette(routes=GitHub(runner, settings, machine).routes())
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with contextlib.closing(runner):
        server.run(listen(given.port, given.config))


if __name__ == "__main__":
    main()
