"""Services as data: the entries of services.yml, checked."""

import functools
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mlops_lab.core.errors import LabError
from mlops_lab.core.process import attempt
from mlops_lab.core.schema import Strict, load
from mlops_lab.core.text import nearest
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain import programs
from mlops_lab.toolchain.versions import component

CATALOG = Path(__file__).with_name("services.yml")
# Tests and a reader's own experiments may bring services from another file.
EXTRA = "LAB_EXTRA_SERVICES"
VERSION = re.compile(r"\d+(\.\d+)+\S*")


class Program(Strict):
    """Where a service's program comes from.

    ``lab`` is a module of ours, ``cluster`` what a cluster brings, ``environment`` a Python
    package of .venv, ``wheel`` and ``module`` a component of kind-cluster/versions.yaml that comes
    as a wheel or is built from its Go module, ``debian`` a Debian package, whose program says its
    version when asked by the command `version`.
    """

    source: Literal["lab", "cluster", "environment", "wheel", "module", "debian"] = Field(
        alias="from"
    )
    name: str = ""
    version: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.source not in ("lab", "cluster") and not self.name:
            raise ValueError(f"name is missing: which {self.source}?")
        if (self.source == "debian") != bool(self.version):
            raise ValueError("version is for a debian program, which needs it")
        return self

    @property
    def is_pinned(self) -> bool:
        """Whether kind-cluster/versions.yaml has it, and it is got from there."""
        return self.source in ("wheel", "module")

    def said(self) -> str:
        """Name and version for readers; empty for what is ours or the cluster's."""
        match self.source:
            case "environment":
                return f"{self.name} {version(self.name)}"
            case "wheel" | "module":
                return f"{self.name} {component(self.name).version}"
            case "debian":
                found = VERSION.search(attempt(*shlex.split(self.version)).stdout)
                return f"{self.name} {found[0]}" if found else self.name
        return ""

    def lacking(self) -> str:
        """What to do about a Debian program that is not here; empty if nothing is to be done."""
        if self.source != "debian" or shutil.which(shlex.split(self.version)[0]):
            return ""
        return f"there is no {shlex.split(self.version)[0]}; apt-get install {self.name}"

    def call(self, command: str) -> list[str]:
        """The words of a command, with the path of a program that is not on PATH."""
        words = shlex.split(command)
        if self.is_pinned and (found := programs.at_hand(self.name)):
            place = next(n for n, word in enumerate(words) if word != "env" and "=" not in word)
            words[place] = found
        return words


class Service(Strict):
    """One entry of services.yml; the fields are explained there."""

    name: str
    about: Annotated[str, Field(min_length=1)]
    program: Program
    command: Annotated[str, Field(min_length=1)]
    ready: str
    timeout: Annotated[float, Field(gt=0)] = LIMIT
    needs: tuple[str, ...] = ()
    exports: Mapping[str, str] = Field(default_factory=dict)
    on_ready: tuple[str, ...] = ()
    shared: bool = True

    @property
    def ports(self) -> list[str]:
        """The placeholders of its command that are free ports, beside {port}."""
        return re.findall(r"\{(\w+_port)\}", self.command)


def catalog() -> dict[str, Service]:
    """All services by name.

    Raises:
        LabError: an entry is wrong; file, service, key and reason are in the message.
    """
    found: dict[str, Service] = {}
    extra = [Path(os.environ[EXTRA])] if EXTRA in os.environ else []
    for path in [CATALOG, *extra]:
        found |= _read(path, path.read_text(encoding="utf-8"))
    for name, service in found.items():
        for need in service.needs:
            if need not in found:
                raise LabError(f"services.yml: {name}: needs: no service {need}")
    try:
        TopologicalSorter({name: service.needs for name, service in found.items()}).prepare()
    except CycleError as error:
        circle = " needs ".join(reversed(error.args[1]))
        raise LabError(f"services.yml: needs go in a circle: {circle}") from error
    return found


@functools.cache  # every lab asks for the services that it needs
def _read(path: Path, text: str) -> dict[str, Service]:
    return load(dict[str, Service], text, path.name, key="name")


def resolve(names: Iterable[str]) -> list[Service]:
    """The named services and what they need, dependencies first.

    Raises:
        LabError: no such service; the nearest names are in the message.
    """
    known = catalog()
    graph: dict[str, tuple[str, ...]] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in known:
            raise LabError(f"no such service: {name}{nearest(name, known)}")
        if name not in graph:
            graph[name] = known[name].needs
            waiting += known[name].needs
    return [known[name] for name in TopologicalSorter(graph).static_order()]
