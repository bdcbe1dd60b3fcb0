"""Phase: etcd, which holds the cluster's state; clients must show a certificate."""

import shutil

from mlops_lab.cluster.host.machine import INSIDE, Node
from mlops_lab.core.waiting import until

TITLE = "etcd"
NEEDS = ("machine", "pki")
URL = "https://127.0.0.1:2379"


def done(node: Node) -> bool:
    """Whether it runs."""
    return "etcd" in node.processes()


def up(node: Node) -> None:
    """Start it and wait until it answers."""
    node.link("etcd", shutil.which("etcd"))
    pki = INSIDE / "pki"
    command = [
        f"--data-dir={INSIDE}/etcd",
        f"--listen-client-urls={URL}",
        f"--advertise-client-urls={URL}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        f"--cert-file={pki}/etcd.crt",
        f"--key-file={pki}/etcd.key",
        "--client-cert-auth",
        f"--trusted-ca-file={pki}/etcd-ca.crt",
        # What is written here is gone with the cluster anyway.
        "--unsafe-no-fsync",
        "--logger=zap",
        "--log-level=warn",
    ]
    node.start("etcd", command)
    until("etcd", lambda: node.answers(2379), node.log("etcd"), lambda: done(node))
