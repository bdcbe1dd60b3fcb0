"""Phase: an image registry, under the same name on the machine and on the node."""

import shutil

import yaml

from mlops_lab.cluster.host.machine import INSIDE, Node
from mlops_lab.core.waiting import until
from mlops_lab.toolchain.versions import document

TITLE = "registry"
NEEDS = ("machine",)


def done(node: Node) -> bool:
    """Whether it runs."""
    return "docker-registry" in node.processes()


def up(node: Node) -> None:
    """Start it and wait until it answers."""
    node.link("docker-registry", shutil.which("docker-registry"))
    host, port = document()["registry"].split(":")
    config = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": f"{INSIDE}/registry"},
            "delete": {"enabled": True},
        },
        "http": {"addr": f"{host}:{port}"},
    }
    (node.folder / "registry.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    node.start("docker-registry", ["serve", f"{INSIDE}/registry.yaml"])
    until(
        "the registry",
        lambda: node.answers(int(port)),
        node.log("docker-registry"),
        lambda: done(node),
    )
