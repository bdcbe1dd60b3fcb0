"""What the host provider decides or says; that its node works is seen in test_node.py."""

import json
import socket
from pathlib import Path

import pytest
import yaml

from cluster.conftest import FakeKubectl
from mlops_lab.cluster.host import dns, pki, ports
from mlops_lab.cluster.host.host import Host
from mlops_lab.cluster.host.machine import Node
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain.versions import component


@pytest.fixture
def node(tmp_path: Path) -> Node:
    (tmp_path / "host/bin").mkdir(parents=True)
    return Node(tmp_path / "host", FakeKubectl())


def test_dns_is_the_shipped_manifest_without_a_way_out(node: Node) -> None:
    dns.up(node)
    (text,) = node.kubectl.applied
    found = {manifest["kind"]: manifest for manifest in yaml.safe_load_all(text)}
    assert "forward" not in found["ConfigMap"]["data"]["Corefile"]
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == component("coredns").reference


def test_a_port_that_is_taken_is_named(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not the registry's own port: a cluster may be up.
    monkeypatch.setattr(ports, "document", lambda: {"registry": "localhost:0"})
    pki.up(node)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (node.folder / "ports.json").write_text(json.dumps(port))
        with pytest.raises(LabError, match=rf"port {port} of 127\.0\.0\.1 is taken"):
            ports.up(node)


def test_what_is_not_up_is_dead_and_has_no_logs() -> None:
    host = Host()
    assert host.dead() == ["node"]
    assert host.logs() == {}
    with pytest.raises(LabError, match=r"the node is not up; \./lab cluster up"):
        host.node.run(["true"])


def test_a_missing_program_is_told(node: Node) -> None:
    with pytest.raises(LabError, match=r"there is no etcd; \./lab cluster doctor"):
        node.link("etcd", None)
