"""Phase: controller manager and scheduler."""

from mlops_lab.cluster.host.machine import INSIDE, PODS, SERVICES, Node

TITLE = "controllers and scheduler"
NEEDS = ("apiserver",)
NAMES = ("kube-controller-manager", "kube-scheduler")


def done(node: Node) -> bool:
    """Whether both run."""
    return set(NAMES) <= set(node.processes())


def up(node: Node) -> None:
    """Start what does not run. Later phases wait for pods, and so for them."""
    pki, running = INSIDE / "pki", node.processes()
    common = ["--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false"]
    options = {
        "kube-controller-manager": [
            f"--cluster-cidr={PODS}",
            f"--service-cluster-ip-range={SERVICES}",
            f"--root-ca-file={pki}/ca.crt",
            f"--service-account-private-key-file={pki}/service-accounts.key",
            "--use-service-account-credentials",
            # The autoscaler looks every 5 s instead of 15, and scales down after 15 s instead of
            # 5 minutes, so that a lab can wait for it.
            "--horizontal-pod-autoscaler-sync-period=5s",
            "--horizontal-pod-autoscaler-downscale-stabilization=15s",
            "--horizontal-pod-autoscaler-initial-readiness-delay=5s",
            "--horizontal-pod-autoscaler-cpu-initialization-period=10s",
        ],
        "kube-scheduler": [],
    }
    for name in NAMES:
        if name not in running:
            config = f"{pki}/{name}.conf"
            access = [f"--{word}kubeconfig={config}" for word in AUTH]
            node.start(name, [*access, *common, *options[name]])


AUTH = ("", "authentication-", "authorization-")
