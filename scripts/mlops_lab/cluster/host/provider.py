"""The host provider: steps in the order in which a reader should meet them."""

from functools import partial
from types import ModuleType

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
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.programs import program
from mlops_lab.cluster.steps import Step
from mlops_lab.cluster.versions import component
from mlops_lab.paths import STATE

STEPS: dict[str, ModuleType] = {
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


class Host:
    """A one-node cluster of plain processes; needs root on Linux, and no Docker."""

    name = "host"

    def __init__(self) -> None:
        folder = STATE / "cluster"
        self.kubectl = Kubectl(folder / "bin" / "kubectl", folder / "kubeconfig")
        self.node = Node(folder / "host", self.kubectl)

    def steps(self) -> list[Step]:
        """What `up` does."""
        machine = Step("machine", "node", (), lambda: bool(self.node.pid()), self._boot)
        return [machine, *(self._step(name, module) for name, module in STEPS.items())]

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

    def _step(self, name: str, module: ModuleType) -> Step:
        done, up = partial(module.done, self.node), partial(module.up, self.node)
        return Step(name, module.TITLE, module.NEEDS, done, up)
