"""Phase: the images that the cluster needs, imported: the node has no way to a registry of them."""

from collections.abc import Iterable
from pathlib import Path

from mlops_lab.cluster.host.containerd import SOCKET
from mlops_lab.cluster.host.machine import Node
from mlops_lab.cluster.images.archives import archive_of, archives
from mlops_lab.core.paths import CLUSTER
from mlops_lab.toolchain import cache, versions
from mlops_lab.toolchain.versions import component

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
        _import(node, archive)
    (node.folder / "imported").write_text(_wanted(), encoding="utf-8")


def load(node: Node, names: Iterable[str]) -> None:
    """Import images of components that come with labs, each once."""
    for name in names:
        archive = archive_of(component(name))
        done = node.folder / f"imported-{archive.stem}"
        if not done.exists():
            _import(node, archive)
            done.touch()


def _import(node: Node, archive: Path) -> None:
    node.run(["ctr", "-a", SOCKET, "-n", "k8s.io", "images", "import", str(archive)])
