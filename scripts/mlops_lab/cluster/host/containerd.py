"""Phase: containerd, with a root, state and socket of its own."""

import json
import shutil

from mlops_lab.cluster.host.machine import INSIDE, PODS, Node
from mlops_lab.core.waiting import until
from mlops_lab.toolchain.versions import component, document

TITLE = "containerd"
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
    """Whether it runs."""
    return "containerd" in node.processes()


def up(node: Node) -> None:
    """Start it and wait until it answers."""
    node.link("containerd", shutil.which("containerd"))
    values = {"inside": INSIDE, "socket": SOCKET, "pause": component("pause").reference}
    (node.folder / "containerd.toml").write_text(CONFIG.format(**values), encoding="utf-8")
    (node.folder / "cni").mkdir(exist_ok=True)
    (node.folder / "cni" / "10-lab.conflist").write_text(json.dumps(NETWORK), encoding="utf-8")
    registry = document()["registry"]
    hosts = node.folder / "registries" / registry / "hosts.toml"
    hosts.parent.mkdir(parents=True, exist_ok=True)
    hosts.write_text(f'[host."http://{registry}"]\n', encoding="utf-8")
    (node.folder / "containerd.sock").unlink(missing_ok=True)
    node.start("containerd", ["--config", f"{INSIDE}/containerd.toml"])
    until(
        "containerd",
        lambda: (node.folder / "containerd.sock").exists(),
        node.log("containerd"),
        lambda: done(node),
    )
