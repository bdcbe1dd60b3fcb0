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

from conftest import ROOT, Mini, run
from mlops_lab.cluster.host.needs import problems, unbuilt
from mlops_lab.cluster.host.provider import COMPONENTS
from mlops_lab.toolchain import cache

PORT = 5077  # of this checkout's registry
# All that makes a node, without the platform and its images.
NODE = (
    "machine", "pki", "etcd", "ports", "apiserver", "controllers", "containerd", "registry",
    "kubelet", "proxy",
)  # fmt: skip
UP = f"""
from mlops_lab.cluster import steps
from mlops_lab.cluster.host.provider import Host
from mlops_lab.cluster import state
state.FOLDER.mkdir(parents=True, exist_ok=True)
state.record().write_text("host")
found = []
wanted = [step for step in Host().steps() if step.name in {NODE}]
steps.run(wanted, lambda step: print("begin", step.name, flush=True), found.append)
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
        "mounts": sorted(line.split(" ", 2)[2] for line in mounts),
        "sysctls": [Path("/proc/sys", name).read_text() for name in sysctls],
        "cgroups": sorted(map(str, Path("/sys/fs/cgroup").glob("*/mlops-lab-*"))),
        "listening": sorted(
            connection.laddr.port
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == PORT
        ),
    }


@pytest.fixture
def checkout(mini: Mini) -> Iterator[Mini]:
    """A checkout with the real kind-cluster/ and its cache, but another port for its registry."""
    mini.settings["LAB_CACHE"] = str(cache.folder())
    target = mini.root / "kind-cluster"
    target.mkdir()
    text = (ROOT / "kind-cluster" / "versions.yaml").read_text()
    (target / "versions.yaml").write_text(text.replace("localhost:5001", f"localhost:{PORT}"))
    for name in ("build", "go", "platform", "tools"):
        (target / name).symlink_to(ROOT / "kind-cluster" / name)
    yield mini
    mini.call("cluster", "down")


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


def test_the_machine_is_as_before(checkout: Mini) -> None:
    before = machine()
    assert bring_up(checkout) == "up"
    assert " Ready" in kubectl(checkout, "get", "nodes")
    during = machine()
    for kept in ("interfaces", "iptables", "mounts", "sysctls"):
        assert during[kept] == before[kept], kept
    assert during["cgroups"] != before["cgroups"]
    assert during["listening"] == [PORT]
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before
    assert not (checkout.root / ".lab/cluster").exists()


def test_a_second_up_does_nothing(checkout: Mini) -> None:
    bring_up(checkout)
    pids = {name: component(checkout, name).pid for name in COMPONENTS}
    assert bring_up(checkout) == "again"
    assert {name: component(checkout, name).pid for name in COMPONENTS} == pids


@pytest.mark.parametrize("after", ["machine", "etcd", "ports", "apiserver", "kubelet"])
def test_killed_in_the_middle_of_up(checkout: Mini, after: str) -> None:
    before = machine()
    command = [sys.executable, "-c", UP]
    with subprocess.Popen(command, env=checkout.env(), stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert any(line == f"begin {after}\n" for line in up.stdout)
        up.send_signal(signal.SIGKILL)
    # It can be completed, and removed as if nothing had happened.
    assert bring_up(checkout) == "up"
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before


def test_killed_and_removed(checkout: Mini) -> None:
    before = machine()
    command = [sys.executable, "-c", UP]
    with subprocess.Popen(command, env=checkout.env(), stdout=subprocess.PIPE, text=True) as up:
        assert up.stdout
        assert any(line == "begin apiserver\n" for line in up.stdout)
        up.send_signal(signal.SIGKILL)
    assert checkout.call("cluster", "down").returncode == 0
    assert checkout.none_left()
    assert machine() == before


def test_each_component_killed_is_named_and_comes_back(checkout: Mini) -> None:
    bring_up(checkout)
    for name in COMPONENTS:
        victim = component(checkout, name)
        victim.kill()
        wait_for_the_end(victim)
        told, how = bring_up(checkout, DEATH).splitlines()
        assert name in told
        assert how == "up"
        component(checkout, name)
    assert " Ready" in kubectl(checkout, "get", "nodes")


def test_the_node_killed_is_named_and_comes_back(checkout: Mini) -> None:
    bring_up(checkout)
    first = component(checkout, "etcd").parent()
    assert first
    first.kill()
    wait_for_the_end(first)
    assert "node" in checkout.call("cluster", "status").stdout
    assert bring_up(checkout) == "up"


def test_the_kubelet_and_etcd_refuse_strangers(checkout: Mini) -> None:
    bring_up(checkout)
    pid = os.fspath(str(component(checkout, "etcd").pid))
    curl = ["nsenter", "--target", pid, "--net", "--", "curl", "-sk", "-m", "5"]
    assert output(*curl, "https://172.30.0.2:10250/pods") == "Unauthorized"
    etcd = run(*curl, "https://127.0.0.1:2379/version", status=None)
    assert etcd.returncode != 0, etcd.stdout


def test_a_kubeconfig_of_ones_own_is_neither_used_nor_written(
    checkout: Mini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = {"name": "production", "cluster": {"server": "https://127.0.0.1:9"}}
    context = {"name": "production", "context": {"cluster": "production", "user": "me"}}
    poison = tmp_path / "config"
    document = {"apiVersion": "v1", "kind": "Config", "current-context": "production"}
    poison.write_text(json.dumps({**document, "clusters": [cluster], "contexts": [context]}))
    before = poison.read_bytes()
    monkeypatch.setenv("KUBECONFIG", str(poison))
    assert bring_up(checkout) == "up"
    assert "host cluster" in checkout.call("cluster", "status").stdout
    checkout.call("cluster", "down")
    assert poison.read_bytes() == before


def test_a_taken_port_is_named_before_anything_changes(checkout: Mini) -> None:
    with socket.create_server(("127.0.0.1", PORT)):
        done = checkout.call("cluster", "up", "--provider", "host")
    assert done.returncode == 1
    assert f"port {PORT}" in done.stdout
    assert not (checkout.root / ".lab/cluster").exists()
