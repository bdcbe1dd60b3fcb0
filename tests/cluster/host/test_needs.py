"""What the host provider needs is found and named, each with what to do about it."""

import os
import platform
import shutil
import socket
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from fakes import Fakes
from mlops_lab.cluster.host import needs
from mlops_lab.cluster.images import archives
from mlops_lab.cluster.interface import Problem
from mlops_lab.toolchain import programs
from mlops_lab.toolchain.versions import components

Memory = namedtuple("Memory", ["available"])
Disk = namedtuple("Disk", ["free"])


@pytest.fixture(autouse=True)
def good(tmp_path: Path, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that has everything."""
    for name in needs.PACKAGES:
        fakes.add(name)
    groups = tmp_path / "cgroup"
    groups.mkdir()
    (groups / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(archives, "bases_are_cached", lambda: True)
    monkeypatch.setattr(programs, "is_cached", lambda name: True)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8 * needs.GIB))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(99 * needs.GIB))
    monkeypatch.setattr(needs, "CGROUPS", groups)
    monkeypatch.setattr(needs, "document", lambda: {"registry": f"localhost:{free_port()}"})
    pretend(monkeypatch, ptp=True)
    return groups


def pretend(monkeypatch: pytest.MonkeyPatch, ptp: bool) -> None:
    """Whether the network plugin is there."""
    real = Path.exists

    def exists(path: Path, **options: bool) -> bool:
        return ptp if str(path) == "/usr/lib/cni/ptp" else real(path, **options)

    monkeypatch.setattr(Path, "exists", exists)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def only() -> Problem:
    (problem,) = needs.problems()
    return problem


def test_a_machine_that_has_everything_has_no_problem() -> None:
    assert needs.problems() == []


def test_another_system_than_linux_stands_alone(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("PATH", "")
    assert only() == Problem("host needs Linux", "use kind")
    assert fakes.calls() == []


def test_who_is_not_root_is_told_so_alone(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "")
    assert only().what == "host needs root"
    assert "sudo ./lab cluster up --provider host" in only().mend
    assert fakes.calls() == []


def test_missing_programs_make_one_line_for_apt(fakes: Fakes) -> None:
    for name in ("ctr", "containerd", "runc", "etcd", "skopeo"):
        (fakes.folder / name).unlink()
    wanted = "containerd etcd-server runc skopeo"
    assert only() == Problem(f"programs are missing: {wanted}", f"apt-get install {wanted}")


def test_a_node_without_network_plugins_needs_their_package(monkeypatch) -> None:
    pretend(monkeypatch, ptp=False)
    assert only().mend == "apt-get install containernetworking-plugins"


def test_debian_is_made_only_if_it_is_not_cached(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.setattr(archives, "bases_are_cached", lambda: False)
    assert only().mend == "apt-get install mmdebstrap"
    fakes.add("mmdebstrap")
    assert needs.problems() == []


def test_go_is_needed_only_for_what_is_not_cached_and_where_there_is_no_wheel(
    fakes: Fakes, monkeypatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert needs.problems() == []
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    assert needs.problems() == []
    monkeypatch.setattr(programs, "is_cached", lambda name: name not in ("pause", "kserve"))
    assert only().what == "pause, kserve must be built, and there is no Go"
    assert "go.dev" in only().mend
    fakes.add("go")
    assert needs.problems() == []


def test_what_labs_bring_is_not_built_for_host(monkeypatch) -> None:
    monkeypatch.setattr(programs, "is_cached", lambda name: False)
    built = {c.name for c in components().values() if c.package}
    assert set(needs.unbuilt()) == built - {
        "act", "actionlint", "kind", "prometheus", "promtool", "alertmanager", "amtool",
        "pushgateway", "node-exporter", "victoria-logs", "jaeger", "otelcol",
        "prometheus-operator", "prometheus-config-reloader",
    }  # fmt: skip


def test_too_little_memory_is_told_with_numbers(monkeypatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(1.5 * needs.GIB))
    assert only().what == "1.5 GiB of memory are free, 4 are needed"


def test_building_needs_more_disk(fakes: Fakes, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Disk(10 * needs.GIB))
    assert needs.problems() == []
    fakes.add("go")
    monkeypatch.setattr(programs, "is_cached", lambda name: False)
    assert only().what == "10.0 GiB of disk are free, 24 are needed"
    assert only().mend == f"free some, or LAB_CACHE=elsewhere (now {tmp_path})"


def test_a_taken_port_is_named_with_how_to_find_who(monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(needs, "document", lambda: {"registry": f"localhost:{port}"})
        assert only().what == f"port {port}, the registry's, is taken"
        assert f"ss -ltnp 'sport = :{port}'" in only().mend
    assert needs.problems() == []


def test_missing_controllers_of_version_2_are_named(good: Path) -> None:
    (good / "cgroup.controllers").write_text("cpuset cpu\n")
    assert only().what == "cgroup controllers are missing: memory, pids"


def test_missing_controllers_of_version_1_are_named(good: Path) -> None:
    (good / "cgroup.controllers").unlink()
    for name in ("cpu,cpuacct", "memory"):
        (good / name).mkdir()
    (good / "cpu").symlink_to("cpu,cpuacct")
    assert only().what == "cgroup controllers are missing: pids"
    (good / "pids").mkdir()
    assert needs.problems() == []


@pytest.mark.parametrize(
    ("says", "told"),
    [("echo trying; echo 'mount: unknown type'", "mount: unknown type"), ("true", "no message")],
)
def test_what_the_kernel_lacks_is_said_in_its_words(fakes: Fakes, says: str, told: str) -> None:
    fakes.add("unshare", f"({says}) >&2; exit 1")
    assert only().what == f"the kernel lacks something: {told}"


def test_the_kernel_is_asked_in_namespaces_of_its_own(fakes: Fakes) -> None:
    needs.problems()
    spaces = "unshare --pid --mount --net --uts --ipc --fork sh -eu -c"
    assert fakes.calls()[0].startswith(spaces)


def test_the_kernel_is_not_asked_without_the_programs_to_ask(fakes: Fakes) -> None:
    (fakes.folder / "ip").unlink()
    assert only().mend == "apt-get install iproute2"
    assert fakes.calls() == []


def test_all_problems_are_told_at_once(fakes: Fakes, good: Path, monkeypatch) -> None:
    (fakes.folder / "etcd").unlink()
    (good / "cgroup.controllers").write_text("")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(0))
    assert len(needs.problems()) == 3
