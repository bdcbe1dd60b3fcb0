"""kind-cluster/versions.yaml as data."""

import functools
import platform
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import yaml
from pydantic.dataclasses import dataclass

from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.schema import STRICT, check

FILE = CLUSTER / "versions.yaml"


@dataclass(frozen=True, config=STRICT)
class Component:
    """One entry of versions.yaml; the fields are explained there."""

    name: str
    version: str
    module: str = ""
    tag: str = ""
    package: str = ""
    bundled: bool = False
    tags: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)
    labs: bool = False
    system: str = ""
    programs: tuple[str, ...] = ()
    image: str = ""
    at: str = ""
    base: str = ""
    packages: str = ""
    of: str = ""
    wheel: str = ""
    get: str = ""
    integrity: str = ""
    user: str = "0"
    entrypoint: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    @property
    def released(self) -> str:
        """The version of its Go module."""
        return self.tag or self.version

    @property
    def is_built(self) -> bool:
        """Whether it is built here where it cannot be found."""
        return self.fits and (bool(self.package) or self.bundled)

    @property
    def fits(self) -> bool:
        """Whether it gives labs on this system what they ask it for."""
        return self.system in ("", platform.system())

    @property
    def reference(self) -> str:
        """The image's full name with its tag."""
        return f"{self.image}:{self.version}"


@functools.cache
def document() -> dict[str, Any]:
    """The file as it is."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


@functools.cache
def components() -> dict[str, Component]:
    """All components by name.

    Raises:
        LabError: an entry is wrong; file, component, key and reason are in the message.
    """
    return check(dict[str, Component], document()["components"], str(FILE), key="name")


def component(name: str) -> Component:
    """One component."""
    return components()[name]
