"""A real node on this machine, in a checkout of its own, and nothing left of it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from port_for import get_port

from conftest import ROOT, SMALL_DISK, Mini, Started, run
from mlops_lab.cluster.host.host import COMPONENTS
from mlops_lab.cluster.host.needs import problems, unbuilt
from mlops_lab.toolchain import cache

# Of this checkout's registry; one that no outgoing connection can have meanwhile.
PORT = get_port((10_000, 30_000))
# All that makes a node, without the platform and its images.
NODE = (
    "machine", "pki", "etcd", "ports", "apiserver", "controllers", "containerd", "registry",
    "kubelet", "proxy",
)  # fmt: skip
UP = f"""
from mlops_lab.cluster import phases
from mlops_lab.cluster.host.host import Host
from mlops_lab.cluster import state
state.FOLDER.mkdir(parents=True, exist_ok=True)
state.provider_file().write_text("host")
found = []
wanted = [phase for phase in Host().phases() if phase.name in {NODE}]
phases.run(wanted, lambda phase: print("begin", phase.name, flush=True), found.append)
print("again" if all(outcome.seconds is None for outcome in found) else "up")
"""

# What a lab is told of what has died; looked at and repaired by one process.
DEATH = "from mlops_lab.cluster.lifecycle import death; print(death())"

# The port may be taken by this checkout's own cluster, which is no obstacle.
obstacles = [problem.what for problem in problems() if "5001" not in problem.what]
# Building Kubernetes takes longer than all tests: a cluster's first `up` does that.
obstacles += ["no cluster was ever up here: ./lab cluster up"] if unbuilt() else []
pytestmark = pytest.mark.skipif(bool(obstacles), reason="; ".join(obstacles))


def output(*command: str, **options: Any) -> str:
    return run(*command, **options).stdout


def machine() -> dict[str, object]:
    """What a cluster could leave behind, or change, on the machine itself."""
    sysctls = ("vm/overcommit_memory", "kernel/panic", "net/ipv4/ip_forward")
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return {
        "interfaces": sorted(psutil.net_if_addrs()),
        "iptables": [output("iptables", "-t", table, "-S") for table in ("filter", "nat")],
        "mounts": sorted(m.split(" ", 2)[2] for m in mounts if SMALL_DISK not in m.split()),
        "sysctls": [Path("/proc/sys", name).read_text() for name in sysctls],
        "cgroups": sorted(map(str, Path("/sys/fs/cgroup").glob("*/mlops-lab-*"))),
        "listening": sorted(
            connection.laddr.port
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == PORT
        ),
    }


def lay_out(mini: Mini) -> Mini:
    """A checkout with the real kind-cluster/ and its cache, but another port for its registry."""
    mini.settings["LAB_CACHE"] = str(cache.folder())
    target = mini.root / "kind-cluster"
    target.mkdir()
    text = (ROOT / "kind-cluster" / "versions.yaml").read_text()
    (target / "versions.yaml").write_text(text.replace("localhost:5001", f"localhost:{PORT}"))
    for name in ("build", "go", "platform", "tools"):
        (target / name).symlink_to(ROOT / "kind-cluster" / name)
    return mini


@pytest.fixture
def checkout(mini: Mini) -> Iterator[Mini]:
    """One whose node comes and goes."""
    yield lay_out(mini)
    mini.call("cluster", "down")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mini]:
    """One whose node is up: for tests that leave it so, and stand last, since it has the port."""
    mini = lay_out(Mini(tmp_path_factory.mktemp("standing") / "a checkout, naïve"))
    bring_up(mini)
    yield mini
    assert mini.call("cluster", "down").returncode == 0
    assert mini.none_left()


def bring_up(checkout: Mini, first: str = "") -> str:
    """What bringing the node up printed last, after what some code before it printed."""
    lines = output(sys.executable, "-c", first + UP, env=checkout.env()).splitlines()
    return "\n".join([*lines[: bool(first)], lines[-1]])


def kubectl(checkout: Mini, *arguments: str) -> str:
    folder = checkout.root / ".lab/cluster"
    return output(str(folder / "bin/kubectl"), f"--kubeconfig={folder / 'kubeconfig'}", *arguments)


def component(checkout: Mini, name: str) -> psutil.Process:
    """The running component of that name."""
    return next(
        process
        for process in checkout.processes()
        if f"/run/lab/bin/{name}" in process.cmdline()[:2]
    )


def wait_for_the_end(process: psutil.Process) -> None:
    """Return when a process has ended, even if nobody asks for its exit status."""
    with contextlib.suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def killed_at(checkout: Mini, phase: str) -> None:
    """Begin to bring the node up, and kill that as this phase begins."""
    command = [sys.executable, "-c", UP]
    with Started(command, env=checkout.env(), stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert any(line == f"begin {phase}\n" for line in up.stdout)
        up.send_signal(signal.SIGKILL)


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig of one's own, which leads to production."""
    cluster = {"name": "production", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "production", "context": {"cluster": "production", "user": "me"}}
    path = tmp_path / "config"
    document = {"apiVersion": "v1", "kind": "Config", "current-context": "production"}
    path.write_text(json.dumps({**document, "clusters": [cluster], "contexts": [context]}))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def test_the_machine_and_one_s_own_kubeconfig_are_as_before(checkout: Mini, foreign: Path) -> None:
    before, own = machine(), foreign.read_bytes()
    assert bring_up(checkout) == "up"
    assert " Ready" in kubectl(checkout, "get", "nodes")
    assert "host cluster" in checkout.call("cluster", "status").stdout
    during = machine()
    for kept in ("interfaces", "iptables", "mounts", "sysctls"):
        assert during[kept] == before[kept], kept
    assert during["cgroups"] != before["cgroups"]
    assert during["listening"] == [PORT]
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before
    assert not (checkout.root / ".lab/cluster").exists()
    assert foreign.read_bytes() == own


def test_killed_in_the_middle_of_up_again_and_again(checkout: Mini) -> None:
    """Each time it comes further, and it is removed as if nothing had happened.

    etcd has just begun when the ports begin.
    """
    before = machine()
    for phase in ("machine", "pki", "ports", "apiserver", "kubelet"):
        killed_at(checkout, phase)
    assert bring_up(checkout) == "up"
    assert " Ready" in kubectl(checkout, "get", "nodes")
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before


def test_killed_and_removed(checkout: Mini) -> None:
    before = machine()
    killed_at(checkout, "apiserver")
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before


def test_a_taken_port_is_named_before_anything_changes(checkout: Mini) -> None:
    with socket.create_server(("127.0.0.1", PORT)):
        done = checkout.call("cluster", "up", "--provider", "host")
    assert done.returncode == 1
    assert f"port {PORT}" in done.stdout
    assert not (checkout.root / ".lab/cluster").exists()


def test_every_component_is_watched_and_a_second_up_does_nothing(standing: Mini) -> None:
    logs = standing.call("cluster", "logs").stdout.splitlines()
    assert {line.split()[0] for line in logs} == {"node", *COMPONENTS}
    pids = {name: component(standing, name).pid for name in COMPONENTS}
    assert bring_up(standing) == "again"
    assert {name: component(standing, name).pid for name in COMPONENTS} == pids


def test_the_kubelet_the_api_server_and_etcd_refuse_strangers(standing: Mini) -> None:
    pid = os.fspath(str(component(standing, "etcd").pid))
    curl = ["nsenter", "--target", pid, "--net", "--", "curl", "-sk", "-m", "5"]
    assert output(*curl, "https://172.30.0.2:10250/pods") == "Unauthorized"
    assert '"code": 401' in output(*curl, "https://127.0.0.1:6443/api")
    etcd = run(*curl, "https://127.0.0.1:2379/version", status=None)
    assert etcd.returncode != 0, etcd.stdout


def test_each_component_killed_is_named_and_comes_back(standing: Mini) -> None:
    for name in COMPONENTS:
        victim = component(standing, name)
        victim.kill()
        wait_for_the_end(victim)
        told, how = bring_up(standing, DEATH).splitlines()
        assert name in told
        assert how == "up"
        component(standing, name)
    assert " Ready" in kubectl(standing, "get", "nodes")


def test_the_node_killed_is_named_and_comes_back(standing: Mini) -> None:
    first = component(standing, "etcd").parent()
    assert first
    first.kill()
    wait_for_the_end(first)
    assert "node" in standing.call("cluster", "status").stdout
    assert bring_up(standing) == "up"
