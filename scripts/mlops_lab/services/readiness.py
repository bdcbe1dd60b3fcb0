"""Whether a service that has just been started works: asked over HTTP until it says so."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

from mlops_lab.core import loopback
from mlops_lab.core.waiting import PAUSE

READY = "ready"
# Seconds after which an unanswered GET is asked again; doubled each time, so that a server whose
# every answer takes longer is understood too. A first answer may take long: moto imports half of
# itself for it, from a cold disk.
PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """What came back: an HTTP status, or 0 where there was no answer."""

    status: int
    body: str = ""
    late: bool = False

    @property
    def good(self) -> bool:
        """Whether it says success."""
        return 200 <= self.status < 300

    def __str__(self) -> str:
        return f"status {self.status}: {self.body}".rstrip(": ")


def became(
    base: str, ready: str, on_ready: tuple[str, ...], limit: float, alive: Callable[[], bool]
) -> str:
    """How the start of the server at `base` went: READY, or what went wrong.

    All requests together have `limit` seconds. A death ends the waiting at once.
    """
    deadline = time.monotonic() + limit
    late = f"was not ready within {limit:g} s"
    told = _asked(f"GET {ready}", base, deadline, alive, late)
    for line in on_ready:
        late = f"did not answer {line} within {limit:g} s"
        told = told or _asked(line, base, deadline, alive, late, refusable=True)
    return told or READY


def _asked(
    line: str,
    base: str,
    deadline: float,
    alive: Callable[[], bool],
    late: str,
    refusable: bool = False,
) -> str:
    """Nothing once the request has succeeded, else why it never will.

    `late` is the reason when time is up; what the last answer was stands behind it.
    """
    method, _, path = line.partition(" ")
    patience = max(deadline - time.monotonic(), PAUSE) if refusable else PATIENCE
    while True:
        left = max(deadline - time.monotonic(), PAUSE)
        answer = ask(method, base + path, min(patience, left))
        if answer.good:
            return ""
        if refusable and answer.status:
            return f"refused {line} with {answer}"
        if not alive():
            return "died before it was ready"
        if time.monotonic() > deadline:
            return f"{late}; {line} got {answer}" if answer.status else late
        patience *= 2 if answer.late else 1
        time.sleep(PAUSE)


def _answer(request: urllib.request.Request, patience: float) -> HTTPResponse:
    """What comes, whatever its status."""
    try:
        return loopback.ask(request, timeout=patience)  # type: ignore[no-any-return]
    except urllib.error.HTTPError as error:
        return error  # type: ignore[return-value]


def ask(method: str, url: str, patience: float) -> Answer:
    """One request; `patience` is in seconds."""
    try:
        with _answer(urllib.request.Request(url, method=method), patience) as answer:
            body = b"" if answer.status < 300 else answer.read(500)
            return Answer(answer.status, body.decode(errors="replace").strip())
    except (OSError, HTTPException) as error:
        late = isinstance(getattr(error, "reason", error), TimeoutError)
        return Answer(0, late=late)
