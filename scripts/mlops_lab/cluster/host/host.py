"""The host provider: phases in the order in which a reader should meet them."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from types import ModuleType

from mlops_lab.cluster import state
from mlops_lab.cluster.host import (
    apiserver,
    containerd,
    controllers,
    dns,
    etcd,
    images,
    kubelet,
    pki,
    ports,
    proxy,
    registry,
)
from mlops_lab.cluster.host.machine import Node
from mlops_lab.cluster.host.needs import problems
from mlops_lab.cluster.images import churn
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.interface import Problem
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.phases import Phase
from mlops_lab.toolchain.programs import program
from mlops_lab.toolchain.versions import component

PHASES: dict[str, ModuleType] = {
    "pki": pki,
    "etcd": etcd,
    "ports": ports,
    "apiserver": apiserver,
    "controllers": controllers,
    "containerd": containerd,
    "images": images,
    "registry": registry,
    "kubelet": kubelet,
    "proxy": proxy,
    "dns": dns,
}

COMPONENTS = (
    "etcd",
    "kube-apiserver",
    *controllers.NAMES,
    "containerd",
    "kubelet",
    "kube-proxy",
    "docker-registry",
    "relay",
)


class Host:
    """A one-node cluster of plain processes; needs root on Linux, and no Docker."""

    name: str = "host"
    about: str = "Kubernetes as plain processes in namespaces of their own"
    complete: tuple[str, ...] = ("kubelet", "proxy", "dns", "images")
    builder: Builder = Builder("buildah", "localhost/lab/python:bookworm")
    offline: bool = True

    def __init__(self) -> None:
        self.kubectl = Kubectl(state.kubectl(), state.kubeconfig())
        self.node = Node(state.FOLDER / "host", self.kubectl)

    def problems(self) -> list[Problem]:
        """See needs.py."""
        return problems()

    def load(self, wanted: Iterable[str]) -> None:
        """Build what is not built yet, and import it."""
        images.load(self.node, wanted)

    def dead(self) -> list[str]:
        """The node, or those of its components that have ended."""
        if self.node.pid() is None:
            return ["node"]
        return sorted(set(COMPONENTS) - set(self.node.processes()))

    def logs(self) -> dict[str, Path]:
        """One for each component."""
        return {path.stem: path for path in sorted((self.node.folder / "logs").glob("*.log"))}

    def phases(self) -> list[Phase]:
        """What `up` does."""
        machine = Phase("machine", "node", (), lambda: bool(self.node.pid()), self._boot)
        rest = [self._phase(name, module) for name, module in PHASES.items()]
        return [machine, *rest, *churn.phases(self.builder, ("registry", "ports"))]

    def down(self) -> None:
        """End the node and remove what it leaves behind."""
        self.node.shut_down()
        self.node.remove()

    def _boot(self) -> None:
        built = program("kubernetes")
        self.node.boot()
        for name in component("kubernetes").programs:
            self.node.link(name, built)
        self.kubectl.program.parent.mkdir(parents=True, exist_ok=True)
        self.kubectl.program.unlink(missing_ok=True)
        self.kubectl.program.symlink_to(built)

    def _phase(self, name: str, module: ModuleType) -> Phase:
        done, up = partial(module.done, self.node), partial(module.up, self.node)
        return Phase(name, module.TITLE, module.NEEDS, done, up)
