"""The node's folder, lock and cgroups, without a node."""

import errno
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cluster.conftest import FakeKubectl
from conftest import Started
from fakes import Fakes
from mlops_lab.cluster.host import machine
from mlops_lab.cluster.host.machine import CGROUP, Node
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import take


@pytest.fixture(autouse=True)
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /sys/fs/cgroup."""
    folder = tmp_path / "cgroup"
    folder.mkdir()
    monkeypatch.setattr(machine, "CGROUPS", folder)
    return folder


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "host", FakeKubectl())


def test_version_2_has_one_group(groups: Path) -> None:
    (groups / "cgroup.controllers").touch()
    (groups / "system.slice").mkdir()
    machine.cgroups_up()
    assert [path.name for path in groups.rglob("mlops-lab*")] == [CGROUP]


def test_down_removes_the_lab_s_groups_and_no_others(groups: Path) -> None:
    (groups / "cgroup.controllers").touch()
    (groups / "user.slice" / "session").mkdir(parents=True)
    (groups / CGROUP / "kubepods" / "pod1").mkdir(parents=True)
    for _ in range(2):
        machine.cgroups_down()
        assert not (groups / CGROUP).exists()
    assert (groups / "user.slice" / "session").exists()


def test_a_node_that_never_was_is_down(node: Node) -> None:
    assert node.pid() is None
    assert node.processes() == {}
    node.stop("etcd")
    node.shut_down()
    node.remove()


def test_a_lock_that_nobody_holds_means_down(node: Node) -> None:
    node.lock.write_text(json.dumps({"pid": 1}))
    assert node.pid() is None


@pytest.mark.parametrize("text", ["", "{", '{"pid": 4194304999}'])
def test_a_lock_without_a_process_means_down(node: Node, text: str) -> None:
    node.lock.write_text(text)
    with node.lock.open() as file:
        subprocess.run(["flock", str(file.fileno())], pass_fds=[file.fileno()], check=True)
        assert node.pid() is None


def test_a_node_that_cannot_boot_says_why(node: Node, fakes: Fakes, groups: Path) -> None:
    (groups / "cgroup.controllers").touch()
    fakes.add("flock")
    fakes.add("unshare", "echo unshare: Operation not permitted >&2; exit 1")
    with pytest.raises(
        LabError, match=r"(?s)^the node's first process died\n.*Operation not permitted"
    ):
        node.boot()
    assert " --pid --mount --net --uts --ipc --fork --kill-child " in fakes.calls()[1]
    assert node.pid() is None


def test_a_command_on_a_node_that_is_down_is_told(node: Node) -> None:
    for call in (
        lambda: node.run(["true"]),
        lambda: node.start("etcd", []),
        lambda: node.answers(1),
    ):
        with pytest.raises(LabError, match="the node is not up"):
            call()


def test_a_node_whose_first_process_is_not_there_yet_is_down(node: Node) -> None:
    # The lock's holder is a process without children, as unshare is for a moment.
    lock = take(node.lock)
    assert lock
    with lock, Started(["cat"], stdin=subprocess.PIPE) as childless:
        json.dump({"pid": childless.pid}, lock)
        lock.flush()
        assert node.pid() is None


@pytest.fixture
def here(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node whose programs run right here; returns the folder of its programs."""
    monkeypatch.setattr(machine, "INSIDE", node.folder)
    monkeypatch.setattr(node, "_enter", lambda: ["env"])
    monkeypatch.setattr(node, "processes", dict)
    for name in ("bin", "logs"):
        (node.folder / name).mkdir(parents=True)
    return node.folder / "bin"


def test_a_component_that_ends_at_once_is_told_at_once(node: Node, here: Path) -> None:
    (here / "etcd").write_text("#!/bin/sh\necho unknown flag $1\n")
    (here / "etcd").chmod(0o755)
    with pytest.raises(LabError, match=r"(?s)^etcd died\n.*unknown flag --x"):
        node.start("etcd", ["--x"])


def test_a_component_has_as_long_as_it_lives(node: Node, here: Path, monkeypatch) -> None:
    gate = node.folder / "gate"
    os.mkfifo(gate)
    (here / "etcd").write_text(f'#!/bin/sh\nread line < "{gate}"\n')
    (here / "etcd").chmod(0o755)
    looks = iter([{}, {}, {"etcd": []}])
    monkeypatch.setattr(node, "processes", lambda: next(looks))
    node.start("etcd", [])
    assert list(looks) == []
    gate.write_text("end\n")


def test_down_ends_what_is_only_beginning(node: Node, monkeypatch) -> None:
    """`up` was killed after unshare had begun, and before there was a first process."""
    lock = take(node.lock)
    assert lock
    looks, killed = iter([None, 17, None]), []

    def kill(pid: int, number: int) -> None:
        killed.append(pid)
        lock.close()

    monkeypatch.setattr(node, "pid", lambda: next(looks))
    monkeypatch.setattr(os, "kill", kill)
    node.shut_down()
    assert killed == [17]


def test_a_cgroup_that_is_still_counted_is_waited_for(groups: Path, monkeypatch) -> None:
    (groups / "cgroup.controllers").touch()
    (groups / CGROUP).mkdir()
    rmdir, busy = os.rmdir, iter([True, True])

    def slow(path: str, **more: Any) -> None:
        # Something else may be removed meanwhile, with more arguments.
        if Path(path) == groups / CGROUP and next(busy, False):
            raise OSError(errno.EBUSY, "busy")
        rmdir(path, **more)

    monkeypatch.setattr(os, "rmdir", slow)
    machine.cgroups_down()
    assert not (groups / CGROUP).exists()
