"""Phase: certificates and kubeconfigs for every component."""

from cryptography.hazmat.primitives.asymmetric import ec

from mlops_lab.cluster.certificates import Authority, kubeconfig, write_key
from mlops_lab.cluster.host.machine import ADDRESS, INSIDE, NAME, Node

TITLE = "certificates"
NEEDS = ("machine",)
API = "https://127.0.0.1:6443"
API_HOSTS = (
    "kubernetes", "kubernetes.default", "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local", "localhost", "127.0.0.1", "10.96.0.1", ADDRESS,
)  # fmt: skip
# Kubeconfig, user and group: what RBAC's built-in bindings expect.
CLIENTS = {
    "admin": ("lab-admin", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", ""),
    "kube-scheduler": ("system:kube-scheduler", ""),
    "kube-proxy": ("system:kube-proxy", ""),
    "kubelet": (f"system:node:{NAME}", "system:nodes"),
}


def done(node: Node) -> bool:
    """Whether all has been written."""
    return (node.folder / "pki" / "complete").exists()


def up(node: Node) -> None:
    """Write pki/."""
    folder, inside = node.folder / "pki", INSIDE / "pki"
    authority = Authority.create(folder, "ca")
    authority.issue("apiserver", "kube-apiserver", hosts=API_HOSTS)
    authority.issue("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters")
    authority.issue("kubelet-server", f"system:node:{NAME}", "system:nodes", (NAME, ADDRESS))
    for name, (user, group) in CLIENTS.items():
        authority.issue(name, user, group)
        files = (inside / f"{name}.crt", inside / f"{name}.key")
        kubeconfig(folder / f"{name}.conf", API, inside / "ca.crt", *files)
    etcd = Authority.create(folder, "etcd-ca")
    etcd.issue("etcd", "etcd", hosts=("localhost", "127.0.0.1"))
    etcd.issue("apiserver-etcd-client", "kube-apiserver")
    front = Authority.create(folder, "front-proxy-ca")
    front.issue("front-proxy-client", "front-proxy-client")
    write_key(folder / "service-accounts.key", ec.generate_private_key(ec.SECP256R1()))
    (folder / "complete").touch()
