"""kind-cluster/versions.yaml as data."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER

FILE = CLUSTER / "versions.yaml"


@dataclass(frozen=True)
class Component:
    """One entry of versions.yaml; the fields are explained there."""

    name: str
    version: str
    module: str = ""
    package: str = ""
    programs: tuple[str, ...] = ()
    image: str = ""
    at: str = ""
    base: str = ""
    packages: str = ""
    of: str = ""
    wheel: str = ""
    get: str = ""
    user: str = "0"
    entrypoint: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

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
        LabError: an entry has a field that no component has, or lacks one.
    """
    found = {}
    for name, entry in document()["components"].items():
        try:
            lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
            found[name] = Component(name=name, **{**entry, **lists})
        except TypeError as error:
            raise LabError(f"{FILE}: {name}: {error}") from error
    return found


def component(name: str) -> Component:
    """One component."""
    return components()[name]
