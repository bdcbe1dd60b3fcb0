"""The supervisor, which runs services on free loopback ports."""

import atexit
import contextlib
import functools
import json
import os
import shlex
import shutil
import socket
import subprocess
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mirakuru import SimpleExecutor
from mirakuru.base import cleanup_subprocesses
from port_for import get_port

from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.core.guard import Guard, owned_by
from mlops_lab.core.paths import LOGS
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services.definitions import Service
from mlops_lab.services.readiness import READY, became
from mlops_lab.services.running import Running

# What fills a placeholder of a command.
Value = str | Path | list[str]

# When a process ends it would kill what others started, wherever its number is part of theirs.
atexit.unregister(cleanup_subprocesses)


class Executor(SimpleExecutor):
    """mirakuru's, with a session of its own made by the system.

    Python code between fork and exec (``preexec_fn``) may wait for ever in a process of several
    threads: so did a kernel whose IPython was just saving its history.
    """

    @property
    def _popen_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super()._popen_kwargs
        del kwargs["preexec_fn"]
        return {**kwargs, "start_new_session": True}


class Supervisor:
    """Starts services and stops them, whatever happens to this process.

    One that does not start is started once more. `folder` gets one folder per start, which is its
    working directory; `label` names the logs.
    """

    def __init__(self, folder: Path, label: str) -> None:
        self.folder = folder
        self.label = label
        self.owner = f"{label}-{uuid.uuid4().hex[:12]}"
        self.running: dict[str, Running] = {}
        self.exports: dict[str, str] = {}
        self._started: Counter[str] = Counter()
        self._launched: Counter[str] = Counter()
        self._executors: dict[str, Executor] = {}
        self._services: dict[str, Service] = {}
        # How each start went, once that is known; empty if it was stopped before.
        self._told: dict[str, Future[str]] = {}
        # Held to start a process and to stop all, so that none is started after that.
        self._lock = threading.RLock()
        self._guard = Guard(self.owner)

    def start(self, services: Iterable[Service], cwd: Path | None = None, **values: Value) -> None:
        """Start the services side by side and return at once; `Running.wait` waits.

        `values` fill the command's placeholders beside {port}, a list as several words. Those
        started later have what these export in their environment.

        Raises:
            LabError: a placeholder has no value.
        """
        for service in services:
            service = service.model_copy(update={"ready": service.ready.format(**values)})
            name = self._free_name(service)
            launch = functools.partial(self._launch, service, name, cwd, values)
            launch()
            self._services[name], self._told[name] = service, Future()
            known = self._urls(service)
            threading.Thread(target=self._watch, args=(name, launch, known), daemon=True).start()

    def wait(self) -> None:
        """Return once every service works; raises like `Running.wait`."""
        for running in list(self.running.values()):
            running.wait()

    def dead(self) -> list[Running]:
        """The services that have worked, and have ended although nobody stopped them."""
        ended = (name for name, executor in self._executors.items() if not executor.running())
        return [self.running[name] for name in ended if self._outcome(name) == READY]

    def failed(self) -> dict[str, str]:
        """The services that did not start, with all that is known about why.

        Those that only lack one of these are left out.
        """
        open_or_good = (READY, "")
        bad = {name for name in self._told if self._outcome(name) not in open_or_good}
        roots = [name for name in bad if not bad & set(self._services[name].needs)]
        return {n: str(self.running[n].trouble(self._outcome(n))) for n in sorted(roots)}

    def _outcome(self, name: str) -> str:
        told = self._told[name]
        return told.result() if told.done() else ""

    def end(self, name: str) -> None:
        """Stop one service with SIGTERM and wait until it has ended."""
        with self._lock:
            executor = self._executors.pop(name)
            del self.running[name], self._told[name], self._services[name]
        executor.stop()

    def stop(self) -> None:
        """Stop every service at once: what they hold is the lab's scratch."""
        with self._lock:
            for executor in self._executors.values():
                executor.kill()
            self._executors.clear()
            self.running.clear()
        self._guard.close()

    def _free_name(self, service: Service) -> str:
        """The service's name, with a number if one of that name has been started before."""
        self._started[service.name] += 1
        number = self._started[service.name]
        return service.name if number == 1 else f"{service.name}#{number}"

    def _launch(
        self, service: Service, name: str, cwd: Path | None, values: Mapping[str, Value]
    ) -> None:
        """Start it, or start it again in place of what runs under its name."""
        former = self.running.get(name)
        ports = {name: _port(None) for name in service.ports}
        values = {**ports, **values, "port": _port(former)}
        try:
            command = service.command.format(**{k: _words(v) for k, v in values.items()})
        except KeyError as missing:
            raise LabError(f"service {service.name} needs {missing.args[0]}=...") from missing
        self._launched[name] += 1
        here = f"{name}.{self._launched[name]}" if former else name
        home, state = self.folder / here, self.folder / f"{name}.state"
        if former:
            shutil.rmtree(home, ignore_errors=True)
        for folder in (home, LOGS):
            folder.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.label}.{here}.log"
        state.unlink(missing_ok=True)
        with log.open("wb") as output:
            executor = Executor(
                service.program.call(command),
                cwd=str(cwd or home),
                envvars=owned_by(self.owner, {**os.environ, **self.exports}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
            )
            try:
                executor.start()
            except OSError as error:
                output.write(f"it cannot start: {error}\n".encode())
        self._executors[name] = executor
        self.running[name] = Running(
            name=name,
            about=service.about,
            url=f"http://127.0.0.1:{values['port']}",
            version=service.program.said(),
            command=command,
            exports={k: v.format(**values) for k, v in service.exports.items()},
            pid=executor.process.pid if executor.process else 0,
            log=str(log),
            state=str(state),
            folder=str(home),
            keeper=os.getpid(),
            before=former.log if former else "",
        )
        self.exports |= self.running[name].exports

    def _watch(self, name: str, launch: Callable[[], None], known: Mapping[str, str]) -> None:
        """Bring the start to its end, and say in the state file how it went."""
        outcome = self._told[name]
        try:
            told = self._bring_up(name, launch, known)
        except Exception as error:  # whatever it is: somebody waits for this
            told = f"could not be started: {error}"
        try:
            self._publish(name, told)
        finally:
            outcome.set_result(told)

    def _publish(self, name: str, told: str) -> None:
        with self._lock:
            if name in self.running:
                running = self.running[name]
                text = json.dumps({"told": told, "running": asdict(running)})
                publish(Path(running.state), text)

    def _bring_up(self, name: str, launch: Callable[[], None], known: Mapping[str, str]) -> str:
        """How the start went, or the second one. `known` is where it believes its needs to be."""
        service = self._services[name]
        for need in known:
            if (told := self._told[need].result()) != READY:
                return told and f"cannot work without {need}, which did not start"
        if self._urls(service) != known and not self._again(name, launch):
            return ""
        first = self._became(name)
        if first in (READY, ""):
            return first
        second = self._became(name) if self._again(name, launch) else ""
        if second in (READY, ""):
            return second
        return f"{first}, twice" if first == second else f"{second}, and at first {first}"

    def _became(self, name: str) -> str:
        service, executor = self._services[name], self._executors.get(name)
        if executor is None:
            return ""
        url, limit = self.running[name].url, service.timeout
        told = became(url, service.ready, service.on_ready, limit, executor.running)
        return told if name in self._executors else ""

    def _again(self, name: str, launch: Callable[[], None]) -> bool:
        """Start it anew; False if it has been stopped."""
        with self._lock:
            if name not in self._executors:
                return False
            self._executors[name].kill()
            launch()
            return True

    def _urls(self, service: Service) -> dict[str, str]:
        """Where what the service needs is, as far as it is here."""
        return {n: self.running[n].url for n in service.needs if n in self.running}


def _words(value: Value) -> str:
    """The value as a shell reads it: one word, whatever a path has in it, or those of a list."""
    return shlex.join(value) if isinstance(value, list) else shlex.quote(str(value))


def _port(former: Running | None) -> str:
    """A free port; for a second start the former one, of which others know, if it is free."""
    if former:
        _, _, port = former.url.rpartition(":")
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", int(port)))
            return port
    return str(get_port(None))
