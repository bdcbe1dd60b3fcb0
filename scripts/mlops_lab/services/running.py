"""What is known of a service that has been started, in whatever process one asks."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.core.text import tail
from mlops_lab.core.waiting import until
from mlops_lab.services.readiness import READY


@dataclass(frozen=True)
class Running:
    """A started service, as it is written to services.json and shown to readers.

    `folder` is its working folder, unless it was started in a lab's. `keeper` is the process of
    its supervisor, which says in the file `state` how the start went; `before` is the log of a
    start that failed, if this is the second.
    """

    name: str
    about: str
    url: str
    version: str
    command: str
    exports: dict[str, str]
    pid: int
    log: str
    state: str
    keeper: int
    before: str = ""
    folder: str = ""

    def wait(self) -> "Running":
        """Return once the service works: itself, or the second start, which may be elsewhere.

        Raises:
            LabError: it did not start; the last lines of its logs are in the message.
        """
        # Only the supervisor decides how long, so all that can go wrong here is its death.
        until(
            f"the supervisor of service {self.name}",
            Path(self.state).exists,
            Path(self.log),
            lambda: _lives(self.keeper),
            math.inf,
        )
        latest, told = self.latest()
        if told != READY:
            raise latest.trouble(told)
        return latest

    def latest(self) -> "tuple[Running, str]":
        """The start that counts, and how it went; nothing while that is open."""
        try:
            state = json.loads(Path(self.state).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return self, ""
        return Running(**state["running"]), state["told"]

    def trouble(self, what: str) -> LabError:
        """An error that names the service, says what happened and shows the end of its logs."""
        ends = "\n".join(tail(Path(log)) for log in (self.before, self.log) if log)
        return LabError(f"service {self.name} {what}: {self.command}\n{ends}")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def write(path: Path, services: Iterable[Running]) -> None:
    """Write what runs to `path`, for processes that attach."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(running) for running in services], indent=1)
    publish(path, f"{text}\n")


def attach(path: Path) -> dict[str, Running]:
    """What another process runs, from the files that it wrote."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {entry["name"]: Running(**entry).latest()[0] for entry in entries}
