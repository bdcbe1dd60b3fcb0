"""A checkout in miniature: the engine under test, with tiny labs and services of its own."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from socketserver import BaseServer
from typing import Any, NamedTuple

import psutil
import pytest
import yaml

from mlops_lab.core import environment
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT, until

# Also where pytest was started without `lab test`: what a shell has decides about no test.
environment.replace(os.environ, environment.for_tests())
# A script's background job ignores Ctrl-C, and so would all that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
# A pytest that a test starts, without plugins of which it needs none.
PYTEST = (sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "timeout")
# The source of a file system that one test mounts while another looks at this machine's mounts.
SMALL_DISK = "lab-small-disk"
pytest_plugins = ["browsing", "fakes", "issuer", "monitoring.proof"]


def run(
    *command: str | Path, status: int | None = 0, timeout: float = LIMIT, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program. Another exit status than `status` fails the test, with all that it said.

    `status` None is any status.
    """
    words = [str(word) for word in command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    if "input" in options:
        del pipes["stdin"]
    done = subprocess.run(words, **pipes, text=True, timeout=timeout, **options)
    if status is not None and done.returncode != status:
        ended = f"{shlex.join(words)}: exit status {done.returncode}, not {status}"
        pytest.fail(f"{ended}\n{done.stdout}{done.stderr}", pytrace=False)
    return done


class Started(subprocess.Popen[Any]):
    """A program that is killed when what is to be done with it fails.

    Python would wait for its end, which may never come.
    """

    def __exit__(self, kind: type[BaseException] | None, *more: Any) -> None:
        if kind:
            self.kill()
        super().__exit__(kind, *more)


# What ignores a signal, as under nohup or in the background of a script, hands that on to what it
# starts. A handler that does nothing keeps it from us alone, and what tests start begins afresh.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

TINY = {
    "about": "a file server",
    "command": "python -m http.server --bind 127.0.0.1 {port}",
    "ready": "/",
    "program": {"from": "environment", "name": "rich"},
}


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The URL of an ASGI application that is served meanwhile."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def had() -> Iterator[None]:
    """What is asked for here can be had, or the test is skipped; in CI that is a failure."""
    try:
        yield
    except LabError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@contextmanager
def answering(server: BaseServer) -> Iterator[str]:
    """The URL of a server of the standard library that answers meanwhile, from a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Mini:
    """A folder that `lab` takes for its checkout (LAB_TEST_ROOT)."""

    def __init__(self, root: Path, like: "Mini | None" = None) -> None:
        self.root = root
        self.engine = ROOT / "scripts"
        self.settings: dict[str, str] = {}
        if like:
            shutil.copytree(like.root, root)
            return
        for folder in ("notebooks", "labs/churn", "labs/interview", "tests"):
            (root / folder).mkdir(parents=True)
        (root / "requirements.txt").touch()
        (root / "tests/sanitizers.cfg").touch()
        self.services({"tiny": TINY})
        self._toc()

    def services(self, entries: dict[str, dict[str, object]]) -> None:
        """The services that labs may name, beside the real ones."""
        (self.root / "services.yml").write_text(yaml.safe_dump(entries))

    def versions(self) -> None:
        """Know the components that a checkout knows, as doctor does."""
        (self.root / "kind-cluster").symlink_to(ROOT / "kind-cluster")

    def lab(
        self,
        stem: str,
        *code: str,
        services: tuple[str, ...] = (),
        programs: tuple[str, ...] = (),
        page: str = "",
    ) -> Path:
        """Add a lab with these code cells after the first, in the table of contents too."""
        cells: list[dict[str, object]] = [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {stem}"}
        ]
        first = f"from mlops_lab import Lab\nlab = Lab({stem!r})"
        for number, source in enumerate([first, *code]):
            cells.append(
                {
                    "cell_type": "code",
                    "id": "lab" if number == 0 else f"step-{number}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
            )
        notebook = {
            "cells": cells,
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3"},
                "lab": {
                    "services": list(services),
                    "prepare": [],
                    "programs": list(programs),
                    "page": page,
                },
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.root / "notebooks" / f"{stem}.ipynb"
        path.write_text(json.dumps(notebook))
        self._toc()
        return path

    def _toc(self) -> None:
        stems = sorted(p.stem for p in (self.root / "notebooks").glob("*.ipynb"))
        toc = {
            "format": "jb-book",
            "root": "index",
            "parts": [{"caption": "All", "chapters": [{"file": f"notebooks/{s}"} for s in stems]}],
        }
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc))

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a person who works in this checkout."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("LAB_", "PYTEST_"))}
        own = {
            "LAB_TEST_ROOT": str(self.root),
            "LAB_EXTRA_SERVICES": str(self.root / "services.yml"),
        }
        return {**env, **own, "PYTHONPATH": str(self.engine), **self.settings, **more}

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Start `lab` with these arguments."""
        return Started(
            [sys.executable, "-m", "mlops_lab", *arguments],
            cwd=self.root,
            env=self.env(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `lab` with these arguments to its end; what it said is shown if the test fails."""
        with self.start(*arguments, **env) as process:
            output, _ = process.communicate(timeout=LIMIT)
        print(f"$ lab {shlex.join(arguments)}\n{output}exit status {process.returncode}")
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    def processes(self) -> list[psutil.Process]:
        """Every live process that belongs to this checkout."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("LAB_TEST_ROOT") == str(self.root):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def none_left(self) -> bool:
        """True once all processes of this checkout have ended; an error says if they do not."""
        try:
            until("the end of this checkout's processes", lambda: not self.processes())
        except LabError as error:
            left = "\n".join(f"{p.pid} {p.status()} {p.cmdline()}" for p in self.processes())
            pytest.fail(f"{error}\n{left}", pytrace=False)
        return True

    def committed(self) -> dict[str, bytes]:
        """The content of every file that a person could have committed."""
        made = {self.root / ".lab", self.root / "build"}
        return {
            str(path): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and not made & set(path.parents)
        }


@pytest.fixture(autouse=True)
def no_trace_of_another_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """urllib keeps the proxies of a process's first request for all others; some set variables."""
    monkeypatch.setattr(urllib.request, "_opener", None)
    before = dict(os.environ)
    yield
    environment.replace(os.environ, before)


class Noon(NamedTuple):
    """A time zone in which it is about noon, so that no midnight comes between two looks."""

    zone: str  # as TZ has it
    name: str  # in the IANA database, as browsers have it
    day: date


def noon() -> Noon:
    """The one of now, and the date there."""
    now = datetime.now(UTC)
    ahead = 12 - now.hour
    return Noon(f"XXX{-ahead}", f"Etc/GMT{-ahead:+}", (now + timedelta(hours=ahead)).date())


@pytest.fixture
def mini(tmp_path: Path) -> Iterator[Mini]:
    """A miniature checkout, whose processes do not outlive the test."""
    mini = Mini(tmp_path / "a checkout, naïve")
    yield mini
    for process in mini.processes():
        process.kill()
