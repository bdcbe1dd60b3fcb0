"""Phase: the kubelet, and a node that is Ready."""

import yaml

from mlops_lab.cluster.host.containerd import SOCKET
from mlops_lab.cluster.host.machine import ADDRESS, CGROUP, INSIDE, NAME, Node
from mlops_lab.core.waiting import LIMIT

TITLE = "kubelet"
NEEDS = ("apiserver", "containerd")


def done(node: Node) -> bool:
    """Whether it runs."""
    return "kubelet" in node.processes()


def up(node: Node) -> None:
    """Start it and wait until the node is Ready."""
    pki = INSIDE / "pki"
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{pki}/kubelet-server.crt",
        "tlsPrivateKeyFile": f"{pki}/kubelet-server.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "resolvConf": "",
        "clusterDNS": ["10.96.0.10"],
        "clusterDomain": "cluster.local",
        "podLogsDir": f"{INSIDE}/pods",
        "volumePluginDir": f"{INSIDE}/volume-plugins",
        # Less than `needs` wants before it starts; a share would be much of a big disk.
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "1Gi"},
        "imageGCHighThresholdPercent": 100,
        # A lab changes Secrets and ConfigMaps and waits for pods to see it.
        "syncFrequency": "10s",
        "serializeImagePulls": False,
    }
    (node.folder / "kubelet.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    options = [
        f"--config={INSIDE}/kubelet.yaml",
        f"--kubeconfig={pki}/kubelet.conf",
        f"--root-dir={INSIDE}/kubelet",
        f"--hostname-override={NAME}",
        f"--node-ip={ADDRESS}",
        # Without it cAdvisor, which the kubelet has inside, measures pods and no containers.
        f"--containerd={SOCKET}",
    ]
    node.start("kubelet", options)
    limit = f"--timeout={LIMIT:.0f}s"
    node.kubectl("wait", "--for=create", f"node/{NAME}", limit)
    node.kubectl("wait", "--for=condition=Ready", f"node/{NAME}", limit)
