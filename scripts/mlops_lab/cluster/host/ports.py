"""Phase: the API server and the registry on the machine's loopback, through the relay."""

import json
import socket
from pathlib import Path

from mlops_lab.cluster.certificates import kubeconfig
from mlops_lab.cluster.host.machine import Node
from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.toolchain.versions import document

TITLE = "ports on 127.0.0.1"
NEEDS = ("machine", "pki")
RELAY = Path(__file__).with_name("relay.py")


def done(node: Node) -> bool:
    """Whether the relay runs."""
    return "relay" in node.processes()


def up(node: Node) -> None:
    """Listen, hand the sockets to the relay, and write the kubeconfig with the port."""
    node.link("relay", RELAY)
    record, registry = node.folder / "ports.json", int(document()["registry"].split(":")[1])
    api = json.loads(record.read_text(encoding="utf-8")) if record.exists() else 0
    sockets = [_listen(api), _listen(registry)]
    targets = [
        f"{sockets[0].fileno()}:127.0.0.1:6443",
        f"{sockets[1].fileno()}:127.0.0.1:{registry}",
    ]
    api = sockets[0].getsockname()[1]
    publish(record, json.dumps(api))  # whole, or a kill in the middle would leave no number in it
    pki = node.folder / "pki"
    files = (pki / "ca.crt", pki / "admin.crt", pki / "admin.key")
    kubeconfig(node.kubectl.config, f"https://127.0.0.1:{api}", *files)
    # Last: who sees the relay may rely on the rest.
    node.start("relay", targets, fds=[s.fileno() for s in sockets])
    for listening in sockets:
        listening.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        raise LabError(f"port {port} of 127.0.0.1 is taken: {error.strerror}") from error
