"""Step: the images that the cluster needs, imported: the node has no way to a registry of them."""

from mlops_lab.cluster.host.containerd import SOCKET
from mlops_lab.cluster.host.machine import Node
from mlops_lab.cluster.images import archives

TITLE = "images"
NEEDS = ("containerd",)


def done(node: Node) -> bool:
    """Whether all have been imported."""
    return (node.folder / "imported").exists()


def up(node: Node) -> None:
    """Import them; the one that every pod needs comes first."""
    for archive in archives():
        node.run(["ctr", "-a", SOCKET, "-n", "k8s.io", "images", "import", str(archive)])
    (node.folder / "imported").touch()
