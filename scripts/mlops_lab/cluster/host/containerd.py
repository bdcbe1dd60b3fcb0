"""Step: containerd with the images that the cluster needs; a root, state and socket of its own."""

import json
import shutil

from mlops_lab.cluster import images
from mlops_lab.cluster.host.machine import INSIDE, PODS, Node
from mlops_lab.cluster.versions import component, document
from mlops_lab.cluster.waiting import until

TITLE = "containerd and images"
NEEDS = ("machine",)
SOCKET = f"{INSIDE}/containerd.sock"

CONFIG = """version = 2
root = "{inside}/containerd"
state = "/run/containerd"
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # runc may not lower the OOM score where CAP_SYS_RESOURCE is missing, as in many VMs.
  restrict_oom_score_adj = true
  max_concurrent_downloads = 6
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{inside}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{inside}/registries"
"""
# Routed pairs of interfaces, as kind's own network does it: no bridge, no netfilter for bridges.
NETWORK = {
    "cniVersion": "1.0.0",
    "name": "lab",
    "plugins": [
        {
            "type": "ptp",
            "ipMasq": False,
            "mtu": 1500,
            "ipam": {
                "type": "host-local",
                "dataDir": "/run/cni-ipam",
                "ranges": [[{"subnet": PODS}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def done(node: Node) -> bool:
    """Whether it runs and has the images."""
    return "containerd" in node.processes() and (node.folder / "imported").exists()


def up(node: Node) -> None:
    """Start it and import the images."""
    node.link("containerd", shutil.which("containerd"))
    values = {"inside": INSIDE, "socket": SOCKET, "pause": component("pause").reference}
    (node.folder / "containerd.toml").write_text(CONFIG.format(**values), encoding="utf-8")
    (node.folder / "cni").mkdir(exist_ok=True)
    (node.folder / "cni" / "10-lab.conflist").write_text(json.dumps(NETWORK), encoding="utf-8")
    registry = document()["registry"]
    hosts = node.folder / "registries" / registry / "hosts.toml"
    hosts.parent.mkdir(parents=True, exist_ok=True)
    hosts.write_text(f'[host."http://{registry}"]\n', encoding="utf-8")
    if "containerd" not in node.processes():
        node.start("containerd", ["--config", f"{INSIDE}/containerd.toml"])
    until(
        "containerd",
        lambda: (node.folder / "containerd.sock").exists(),
        node.log("containerd"),
        lambda: "containerd" in node.processes(),
    )
    for archive in images.archives():
        node.run(["ctr", "-a", SOCKET, "-n", "k8s.io", "images", "import", str(archive)])
    (node.folder / "imported").touch()
