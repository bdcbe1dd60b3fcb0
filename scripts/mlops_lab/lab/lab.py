"""`Lab`, the first line of every notebook: services, names, a folder, and a safe environment."""

import atexit
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import is_held
from mlops_lab.core.paths import OWN, STATE, UP
from mlops_lab.lab import prepare
from mlops_lab.lab.catalog import read
from mlops_lab.lab.cleanup import clean
from mlops_lab.lab.entry import enter
from mlops_lab.lab.workspace import PREFIX, claim
from mlops_lab.services.definitions import catalog, resolve
from mlops_lab.services.running import Running, attach
from mlops_lab.services.supervisor import Supervisor, Value
from mlops_lab.toolchain.programs import named

# Set by `lab run`: the services.json of that run.
ATTACH = "LAB_SERVICES"


class Lab:
    """A running lab. Show it to see each of its services and the command line that started it.

    It attaches to services that ``lab run`` or ``lab up`` started, and starts them otherwise;
    brings about what earlier labs would have left behind; makes an empty folder and goes there.

    Attributes:
        name: what this run calls its bucket, experiment and model, such as ``churn-02-dvc-s3``.
        folder: the working folder, removed when the lab ends.
        exports: the variables that cells see of what the lab has: services, and the cluster, if
            one is up.
    """

    def __init__(self, stem: str) -> None:
        if not __debug__:
            raise LabError(
                "Python leaves out asserts, with which labs check themselves: unset "
                "PYTHONOPTIMIZE, and start the kernel without -O"
            )
        spec = read(stem)
        if lacking := enter([spec]):
            raise LabError(lacking[stem])
        self._workspace = claim(stem)
        self.name = PREFIX + self._workspace.name
        self.folder = self._workspace.folder
        self._own: Supervisor | None = None
        atexit.register(self.close)
        os.chdir(self.folder)
        self.exports: dict[str, str] = {}
        programs = named(spec.programs, OWN / self._workspace.name / "bin")
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._export({"LAB_NAME": self.name, "PATH": path})
        self.services: dict[str, Running] = {}
        for running in self._attach(stem, spec.services).values():
            self._know(running.wait())
        _quiet()
        _fail_on_first_error()
        clean(self.name, self.services)
        self._cluster = spec.cluster and self._join()
        for step in spec.prepare:
            prepare.STEPS[step](self.name, self.folder, self.exports)
        os.chdir(prepare.start_folder(self.folder))

    def start(self, name: str, *, wait: bool = True, **values: Value) -> Running:
        """Start a service that only this lab uses, in the current folder, and wait for it.

        A second one of the same name runs beside the first, on a port of its own. Without `wait`
        others can start meanwhile: `wait` waits for them all.

        Raises:
            LabError: it did not start, twice; with the end of its logs.
        """
        supervisor = self._supervisor()
        supervisor.start([catalog()[name]], cwd=Path.cwd(), **values)
        running = list(supervisor.running.values())[-1]
        return self._know(running.wait() if wait else running)

    def wait(self) -> None:
        """Return once every service of this lab works; raises like `start`."""
        for running in list(self.services.values()):
            # Only a second start is news: what a cell has put into the environment stays.
            if (working := running.wait()) != running:
                self._know(working)

    def _know(self, running: Running) -> Running:
        self.services[running.name] = running
        self._export(running.exports)
        return running

    def forward(self, service: str, path: str = "/", namespace: str = "") -> str:
        """The URL of a Service of the cluster, by a port-forward that ends with the lab.

        `path` is one that the Service answers. A forward is to one pod: it ends with that pod.
        """
        where = namespace or self.name
        return self.start("forward", service=service, path=path, namespace=where).url

    def stop(self, running: Running) -> None:
        """Stop a service that `start` started, as an orchestrator would: SIGTERM, then wait."""
        self._supervisor().end(running.name)
        del self.services[running.name]

    def close(self) -> None:
        """Stop what this lab started and remove its folder; runs by itself when the kernel ends."""
        atexit.unregister(self.close)
        os.chdir(STATE)
        if self._own:
            self._own.stop()
        else:
            clean(self.name, self.services)
        if self._cluster:
            from mlops_lab.cluster import access

            access.leave(self.name)
        self._workspace.release()

    def _join(self) -> bool:
        from mlops_lab.cluster import access

        if not access.available():
            return False
        self._export(access.join(self.name, self.folder))
        return True

    def _export(self, variables: Mapping[str, str]) -> None:
        """Let the cells see them: this process's environment is that of a cell's programs."""
        self.exports |= variables
        os.environ.update(variables)

    def _attach(self, stem: str, names: tuple[str, ...]) -> dict[str, Running]:
        wanted = [service.name for service in resolve(names)]
        for file in filter(None, [os.environ.get(ATTACH), _up(stem)]):
            running = attach(Path(file))
            if set(wanted) <= set(running):
                return {name: running[name] for name in wanted}
        if wanted:
            self._supervisor().start(resolve(names))
        return dict(self._supervisor().running) if wanted else {}

    def _supervisor(self) -> Supervisor:
        if self._own is None:
            self._own = Supervisor(OWN / self._workspace.name, self._workspace.name)
        return self._own

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [(r.name, r.url, r.version, r.command) for r in self.services.values()]

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, str]:
        if not self.services:
            text = f"{self.name}: no services"
            return {"text/plain": text, "text/markdown": text}
        table = ["| service | URL | version | started by |", "|---|---|---|---|"]
        table += [f"| {n} | {u} | {v} | `{c}` |" for n, u, v, c in self._rows()]
        lines = [f"{n} ({v}) at {u}\n  $ {c}" for n, u, v, c in self._rows()]
        return {"text/plain": "\n".join(lines), "text/markdown": "\n".join(table)}


def _up(stem: str) -> str:
    """The services.json of a `lab up` that is alive and no longer starts, or an empty string."""
    listing = UP / stem / "services.json"
    return str(listing) if is_held(UP / f"{stem}.lock") and listing.exists() else ""


def _quiet() -> None:
    """Hide what a page should not show: tqdm's advice on widgets, with a path of this machine."""
    warnings.filterwarnings("ignore", message="IProgress not found")


def _fail_on_first_error() -> None:
    """Let a ``%%bash`` cell fail on the first command that fails, wherever the kernel came from."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    magics = shell.magics_manager.registry["ScriptMagics"]
    magics.script_paths = {**magics.script_paths, "bash": "bash -euo pipefail"}
    bash = magics._make_script_magic("bash")
    shell.register_magic_function(bash, "cell", "bash")
