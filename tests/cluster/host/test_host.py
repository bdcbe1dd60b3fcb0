"""The host provider's steps, on a node that only notes what is started."""

import json
import re
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from cryptography import x509

from cluster.conftest import FakeKubectl
from mlops_lab.cluster.host import (
    apiserver,
    containerd,
    controllers,
    dns,
    etcd,
    kubelet,
    pki,
    ports,
    proxy,
    registry,
)
from mlops_lab.cluster.host.machine import Node
from mlops_lab.cluster.host.provider import COMPONENTS, STEPS, Host
from mlops_lab.core import waiting
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain.versions import component, document

STARTED = (etcd, apiserver, controllers, containerd, kubelet, proxy, registry)


class FakeNode(Node):
    """A node without processes: what is started counts as running and answers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, FakeKubectl())
        (folder / "bin").mkdir(parents=True)
        self.kubectl.config = folder / "kubeconfig"
        self.commands: dict[str, list[str]] = {}

    def start(self, name: str, command: Sequence[str], fds: Iterable[int] = ()) -> None:
        self.commands[name] = list(command)
        (self.folder / "containerd.sock").touch()

    def processes(self) -> dict[str, list]:
        return {name: [] for name in self.commands}

    def answers(self, port: int) -> bool:
        return True

    def link(self, name: str, program: str | Path | None) -> None:
        (self.folder / "bin" / name).touch()


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNode:
    # Not the registry's own port: a cluster may be up.
    monkeypatch.setattr(ports, "document", lambda: {"registry": "localhost:0"})
    return FakeNode(tmp_path / "host")


@pytest.fixture
def started(node: FakeNode) -> FakeNode:
    pki.up(node)
    for module in STARTED:
        module.up(node)
    return node


def chain(node: FakeNode, name: str, authority: str) -> None:
    one, other = (
        x509.load_pem_x509_certificate((node.folder / "pki" / f"{n}.crt").read_bytes())
        for n in (name, authority)
    )
    one.verify_directly_issued_by(other)


def inside(node: FakeNode, text: str) -> list[Path]:
    """The files of the node's folder that a text names as they are seen on the node."""
    names = re.findall(r"/run/lab/((?:pki|[\w-]+\.(?:yaml|toml))[\w./-]*)", text)
    return [node.folder / name for name in names]


def test_every_file_that_a_component_is_told_of_is_written(started: FakeNode) -> None:
    named = inside(started, json.dumps(started.commands))
    for path in started.folder.glob("*.yaml"):
        named += inside(started, path.read_text())
    for path in (started.folder / "pki").glob("*.conf"):
        named += inside(started, path.read_text())
    assert len(set(named)) > 20
    assert [path for path in named if not path.exists()] == []


def test_each_certificate_is_of_the_authority_that_is_asked_about_it(started: FakeNode) -> None:
    for name in ("apiserver", "apiserver-kubelet-client", "kubelet-server", *pki.CLIENTS):
        chain(started, name, "ca")
    for name in ("etcd", "apiserver-etcd-client"):
        chain(started, name, "etcd-ca")
    chain(started, "front-proxy-client", "front-proxy-ca")


def test_pki_is_done_only_when_complete(node: FakeNode) -> None:
    assert not pki.done(node)
    pki.up(node)
    assert pki.done(node)
    modes = {path.stat().st_mode & 0o777 for path in (node.folder / "pki").glob("*.key")}
    assert modes == {0o600}


@pytest.mark.parametrize("module", STARTED, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_component_is_done_when_it_runs(node: FakeNode, module: ModuleType) -> None:
    assert not module.done(node)
    pki.up(node)
    module.up(node)
    assert module.done(node)


def test_every_component_is_watched(started: FakeNode) -> None:
    assert {*started.commands, "relay"} == set(COMPONENTS)


def test_a_controller_that_died_is_started_alone(started: FakeNode) -> None:
    del started.commands["kube-scheduler"]
    started.commands["kube-controller-manager"] = ["as it was"]
    assert not controllers.done(started)
    controllers.up(started)
    assert controllers.done(started)
    assert started.commands["kube-controller-manager"] == ["as it was"]


def test_a_component_that_dies_is_told_with_its_log(node: FakeNode, monkeypatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE", 0)
    monkeypatch.setattr(node, "processes", dict)
    node.kubectl.ready = False
    node.log("kube-apiserver").parent.mkdir()
    node.log("kube-apiserver").write_text("unknown flag\n")
    with pytest.raises(LabError, match=r"(?s)the API server died.*unknown flag"):
        apiserver.up(node)


def test_only_who_shows_a_certificate_is_served(started: FakeNode) -> None:
    assert "--client-cert-auth" in started.commands["etcd"]
    assert "--anonymous-auth=false" in started.commands["kube-apiserver"]
    config = yaml.safe_load((started.folder / "kubelet.yaml").read_text())
    assert config["authentication"]["anonymous"] == {"enabled": False}
    http = yaml.safe_load((started.folder / "registry.yaml").read_text())["http"]
    assert http == {"addr": document()["registry"]}


def test_pods_start_from_the_pause_image_that_is_imported(started: FakeNode) -> None:
    text = (started.folder / "containerd.toml").read_text()
    assert f'sandbox_image = "{component("pause").reference}"' in text
    hosts = started.folder / "registries" / document()["registry"] / "hosts.toml"
    assert hosts.read_text() == f'[host."http://{document()["registry"]}"]\n'


def test_dns_is_the_shipped_manifest_without_a_way_out(node: FakeNode) -> None:
    dns.up(node)
    assert dns.done(node)
    (text,) = node.kubectl.applied
    manifests = list(yaml.safe_load_all(text))
    assert not re.search(r"__[A-Z]", json.dumps(manifests))
    found = {manifest["kind"]: manifest for manifest in manifests}
    corefile = found["ConfigMap"]["data"]["Corefile"]
    assert "forward" not in corefile
    assert "kubernetes cluster.local" in corefile
    assert re.search(r"\n    cache 30", corefile)
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == component("coredns").reference
    kubelet.up(node)
    config = yaml.safe_load((node.folder / "kubelet.yaml").read_text())
    assert [found["Service"]["spec"]["clusterIP"]] == config["clusterDNS"]


def test_the_kubeconfig_has_the_port_and_keeps_it(node: FakeNode) -> None:
    pki.up(node)
    texts = []
    for _ in range(2):
        ports.up(node)
        texts.append(node.kubectl.config.read_text())
    port = json.loads((node.folder / "ports.json").read_text())
    server = yaml.safe_load(texts[0])["clusters"][0]["cluster"]["server"]
    assert server == f"https://127.0.0.1:{port}"
    assert texts[0] == texts[1]


def test_a_port_that_is_taken_is_named(node: FakeNode) -> None:
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


def test_a_step_is_a_module() -> None:
    steps = {step.name: step for step in Host().steps()}
    assert set(STEPS) < set(steps)
    for name, module in STEPS.items():
        assert (steps[name].title, steps[name].needs) == (module.TITLE, module.NEEDS)


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"there is no etcd; \./lab cluster doctor"):
        Node(tmp_path, FakeKubectl()).link("etcd", None)
