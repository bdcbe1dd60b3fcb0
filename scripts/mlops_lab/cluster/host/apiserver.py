"""Phase: the API server, and its port on the machine's loopback."""

from mlops_lab.cluster.host.etcd import URL
from mlops_lab.cluster.host.machine import ADDRESS, INSIDE, SERVICES, Node
from mlops_lab.core.waiting import until

TITLE = "API server"
NEEDS = ("etcd", "ports")


def done(node: Node) -> bool:
    """Whether it runs."""
    return "kube-apiserver" in node.processes()


def up(node: Node) -> None:
    """Start it and wait until it is ready."""
    pki = INSIDE / "pki"
    command = [
        f"--advertise-address={ADDRESS}",
        "--secure-port=6443",
        f"--etcd-servers={URL}",
        f"--etcd-cafile={pki}/etcd-ca.crt",
        f"--etcd-certfile={pki}/apiserver-etcd-client.crt",
        f"--etcd-keyfile={pki}/apiserver-etcd-client.key",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        # Otherwise logs and exec look the node's name up in a DNS that does not know it.
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-key-file={pki}/service-accounts.key",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--anonymous-auth=false",
        "--allow-privileged=true",
        f"--service-cluster-ip-range={SERVICES}",
        "--profiling=false",
    ]
    node.start("kube-apiserver", command)
    until(
        "the API server",
        lambda: node.kubectl.reads("/readyz"),
        node.log("kube-apiserver"),
        lambda: done(node),
    )
