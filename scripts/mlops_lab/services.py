"""Services as data (services.yml), and the supervisor that runs them on free loopback ports."""

import json
import os
import shlex
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import psutil
import yaml
from mirakuru import SimpleExecutor
from port_for import get_port

from mlops_lab.errors import LabError
from mlops_lab.guard import Guard, owned_by
from mlops_lab.paths import LOGS
from mlops_lab.text import nearest, tail

CATALOG = Path(__file__).with_name("services.yml")
# Tests and a reader's own experiments may bring services from another file.
EXTRA = "LAB_EXTRA_SERVICES"


@dataclass(frozen=True)
class Service:
    """One entry of services.yml; the fields are explained there."""

    name: str
    about: str
    command: str
    ready: str
    timeout: float
    package: str = ""
    needs: tuple[str, ...] = ()
    exports: Mapping[str, str] = field(default_factory=dict)
    on_ready: tuple[str, ...] = ()
    shared: bool = True


@dataclass(frozen=True)
class Running:
    """A started service, as it is written to services.json and shown to readers.

    `state` is where the supervisor says ``ready`` or what went wrong.
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
    timeout: float

    def wait(self) -> None:
        """Return once the service works.

        Raises:
            LabError: it died or was not ready in time; its log's last lines are in the message.
        """
        # The supervisor tells; the deadline is for the case that it is gone itself.
        deadline = time.monotonic() + self.timeout + 5
        while not (state := Path(self.state)).exists():
            if not psutil.pid_exists(self.pid):
                raise self.trouble("died")
            if time.monotonic() > deadline:
                raise self.trouble("is watched by nobody")
            time.sleep(0.02)
        if (told := state.read_text(encoding="utf-8")) != "ready":
            raise self.trouble(told)

    def trouble(self, what: str) -> LabError:
        """An error that names the service, says what happened and shows the end of its log."""
        return LabError(f"service {self.name} {what}: {self.command}\n{tail(Path(self.log))}")


def catalog() -> dict[str, Service]:
    """All services by name.

    Raises:
        LabError: an entry has a field that no service has, or lacks one.
    """
    services = {}
    extra = [Path(os.environ[EXTRA])] if EXTRA in os.environ else []
    for path in [CATALOG, *extra]:
        for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            try:
                lists = {k: tuple(v) for k, v in entry.items() if isinstance(v, list)}
                services[name] = Service(name=name, **{**entry, **lists})
            except TypeError as error:
                raise LabError(f"{path}: service {name}: {error}") from error
    return services


def resolve(names: Iterable[str]) -> list[Service]:
    """The named services and what they need, dependencies first.

    Raises:
        LabError: no such service; the nearest names are in the message.
    """
    known = catalog()
    found: dict[str, Service] = {}

    def add(name: str) -> None:
        if name not in known:
            raise LabError(f"no such service: {name}{nearest(name, known)}")
        for need in known[name].needs:
            add(need)
        found.setdefault(name, known[name])

    for name in names:
        add(name)
    return list(found.values())


class Supervisor:
    """Starts services and stops them, whatever happens to this process.

    `folder` gets one folder per service, which is its working directory; `label` names the logs.
    """

    def __init__(self, folder: Path, label: str) -> None:
        self.folder = folder
        self.label = label
        self.owner = f"{label}-{uuid.uuid4().hex[:12]}"
        self.running: dict[str, Running] = {}
        self._started: Counter[str] = Counter()
        self._executors: dict[str, SimpleExecutor] = {}
        self._guard = Guard(self.owner)

    def start(self, services: Iterable[Service], cwd: Path | None = None, **values: str) -> None:
        """Start the services side by side and return at once; `Running.wait` waits.

        `values` fill the command's placeholders beside {port}. What the services export is added
        to this process's environment, for those started later and for labs.

        Raises:
            LabError: a command is not there, or a placeholder has no value.
        """
        for service in services:
            service = replace(service, ready=service.ready.format(**values))
            running = self._launch(service, self._free_name(service), cwd, values)
            self.running[running.name] = running
            os.environ.update(running.exports)
            threading.Thread(target=self._watch, args=(service, running), daemon=True).start()

    def wait(self) -> None:
        """Return once every service works; raises like `Running.wait`."""
        for running in list(self.running.values()):
            running.wait()

    def dead(self) -> list[Running]:
        """The services that have ended although nobody stopped them."""
        return [self.running[name] for name, e in self._executors.items() if not e.running()]

    def write(self, path: Path) -> None:
        """Write what runs to `path`, for processes that attach."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(running) for running in self.running.values()], indent=1)
        publish(path, f"{text}\n")

    def end(self, name: str) -> None:
        """Stop one service with SIGTERM and wait until it has ended."""
        self._executors.pop(name).stop()
        del self.running[name]

    def stop(self) -> None:
        """Stop every service at once: what they hold is the lab's scratch."""
        for executor in self._executors.values():
            executor.kill()
        self._guard.close()
        self._executors.clear()
        self.running.clear()

    def _free_name(self, service: Service) -> str:
        """The service's name, with a number if one of that name has been started before."""
        self._started[service.name] += 1
        number = self._started[service.name]
        return service.name if number == 1 else f"{service.name}#{number}"

    def _launch(
        self, service: Service, name: str, cwd: Path | None, values: Mapping[str, str]
    ) -> Running:
        values = {**values, "port": str(get_port(None))}
        try:
            command = service.command.format(**values)
        except KeyError as missing:
            raise LabError(f"service {service.name} needs {missing.args[0]}=...") from missing
        home = self.folder / name
        for folder in (home, LOGS):
            folder.mkdir(parents=True, exist_ok=True)
        log, state = LOGS / f"{self.label}.{name}.log", home / "state"
        state.unlink(missing_ok=True)
        with log.open("wb") as output:
            executor = SimpleExecutor(
                shlex.split(command),
                cwd=str(cwd or home),
                envvars=owned_by(self.owner, dict(os.environ)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                executor.start()
            except OSError as error:
                raise LabError(f"service {service.name} cannot start: {error}") from error
        assert executor.process
        self._executors[name] = executor
        return Running(
            name=name,
            about=service.about,
            url=f"http://127.0.0.1:{values['port']}",
            version=f"{service.package} {version(service.package)}" if service.package else "",
            command=command,
            exports={k: v.format(**values) for k, v in service.exports.items()},
            pid=executor.process.pid,
            log=str(log),
            state=str(state),
            timeout=service.timeout,
        )

    def _watch(self, service: Service, running: Running) -> None:
        """Say in the state file how the start went."""
        deadline = time.monotonic() + service.timeout
        told = "ready"
        while not _request("GET", running.url + service.ready):
            executor = self._executors.get(running.name)
            if executor is None:
                return
            if not executor.running():
                told = "died before it was ready"
                break
            if time.monotonic() > deadline:
                told = f"was not ready within {service.timeout:g} s"
                break
            time.sleep(0.05)
        else:
            for line in service.on_ready:
                method, path = line.split()
                if not _request(method, running.url + path):
                    told = f"refused {line}"
        publish(Path(running.state), told)


def publish(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def attach(path: Path) -> dict[str, Running]:
    """What another process runs, from the file that it wrote."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {entry["name"]: Running(**entry) for entry in entries}


# Not through a proxy, whatever the environment says.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def _request(method: str, url: str) -> bool:
    """Whether the server answers with success within two seconds."""
    try:
        with _open(urllib.request.Request(url, method=method), timeout=2):
            return True
    except (OSError, urllib.error.URLError):
        return False
