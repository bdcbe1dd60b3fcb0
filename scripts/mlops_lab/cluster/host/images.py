"""Phase: the images that the cluster needs, imported: the node has no way to a registry of them."""

from mlops_lab.cluster.host.containerd import SOCKET
from mlops_lab.cluster.host.machine import Node
from mlops_lab.cluster.images.archives import archives
from mlops_lab.core.paths import CLUSTER
from mlops_lab.toolchain import cache, versions

TITLE = "images"
NEEDS = ("containerd",)


def done(node: Node) -> bool:
    """Whether those of today's versions have been imported."""
    imported = node.folder / "imported"
    return imported.exists() and imported.read_text(encoding="utf-8") == _wanted()


def _wanted() -> str:
    return cache.key(versions.FILE, *sorted((CLUSTER / "images").glob("*/requirements.txt")))


def up(node: Node) -> None:
    """Import them; the one that every pod needs comes first."""
    for archive in archives():
        node.run(["ctr", "-a", SOCKET, "-n", "k8s.io", "images", "import", str(archive)])
    (node.folder / "imported").write_text(_wanted(), encoding="utf-8")
