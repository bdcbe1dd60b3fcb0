"""What a provider of clusters is, which there are, and which one is up."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlops_lab.cluster.builder import Builder
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.steps import Step
from mlops_lab.errors import Usage
from mlops_lab.paths import STATE
from mlops_lab.text import nearest

FOLDER = STATE / "cluster"
KUBECONFIG = FOLDER / "kubeconfig"
KUBECTL = FOLDER / "bin" / "kubectl"
# Names the provider whose cluster this checkout has, from the first change to the last.
RECORD = FOLDER / "provider"


@dataclass(frozen=True)
class Problem:
    """Why a provider cannot work here, and what to do about it."""

    what: str
    mend: str


class Provider(Protocol):
    """Brings up a cluster with the lab's kubeconfig, and takes it away again."""

    name: str
    about: str
    kubectl: Kubectl
    # The platform starts after these steps.
    complete: tuple[str, ...]
    builder: Builder

    def problems(self) -> list[Problem]:
        """What this machine lacks for it, found without changing anything."""

    def steps(self) -> list[Step]:
        """What brings the cluster up."""

    def dead(self) -> list[str]:
        """Components that should run and do not; empty for a cluster that is not up."""

    def logs(self) -> dict[str, Path]:
        """The components' logs."""

    def down(self) -> None:
        """Remove the cluster and whatever belongs to it; fine if there is none."""


def providers() -> dict[str, Provider]:
    """All providers, the one to prefer first."""
    from mlops_lab.cluster.eks import Eks
    from mlops_lab.cluster.host.provider import Host
    from mlops_lab.cluster.kind import Kind

    every: Sequence[Provider] = (Kind(), Host(), Eks())
    return {provider.name: provider for provider in every}


def named(name: str) -> Provider:
    """The provider of this name.

    Raises:
        Usage: there is none; the nearest names are in the message.
    """
    known = providers()
    if name not in known:
        raise Usage(f"no such provider: {name}{nearest(name, known)}")
    return known[name]


def current() -> Provider | None:
    """The provider whose cluster this checkout has, complete or not."""
    try:
        return named(RECORD.read_text(encoding="utf-8").strip())
    except (OSError, Usage):
        return None
