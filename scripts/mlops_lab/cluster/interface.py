"""What a provider of clusters is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.phases import Phase


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
    # The platform starts after these phases.
    complete: tuple[str, ...]
    builder: Builder
    # Whether the nodes reach no registry, so that images are built here.
    offline: bool

    def problems(self) -> list[Problem]:
        """What this machine lacks for it, found without changing anything."""

    def phases(self) -> list[Phase]:
        """What brings the cluster up."""

    def load(self, images: Iterable[str]) -> None:
        """Give the nodes images that a lab brings, by the components' names."""

    def dead(self) -> list[str]:
        """Components that should run and do not; empty for a cluster that is not up."""

    def logs(self) -> dict[str, Path]:
        """The components' logs."""

    def down(self) -> None:
        """Remove the cluster and whatever belongs to it; fine if there is none."""
