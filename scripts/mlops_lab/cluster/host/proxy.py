"""Phase: kube-proxy, which makes Services' addresses work."""

import yaml

from mlops_lab.cluster.host.machine import INSIDE, NAME, PODS, Node

TITLE = "kube-proxy"
NEEDS = ("apiserver",)


def done(node: Node) -> bool:
    """Whether it runs."""
    return "kube-proxy" in node.processes()


def up(node: Node) -> None:
    """Start it; Services that later phases use show that it works."""
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "hostnameOverride": NAME,
        "clusterCIDR": PODS,
        "clientConnection": {"kubeconfig": f"{INSIDE}/pki/kube-proxy.conf"},
        # These would be sysctls of the machine.
        "conntrack": {"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        # Endpoints change while a lab watches: follow at once.
        "iptables": {"minSyncPeriod": "0.1s"},
    }
    (node.folder / "proxy.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    node.start("kube-proxy", [f"--config={INSIDE}/proxy.yaml"])
