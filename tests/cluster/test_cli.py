"""`lab cluster` as a person types it, in a checkout without a cluster."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Mini

WIDE = {"COLUMNS": "200"}
HINT = "no cluster is up; ./lab cluster up brings one up"


def record(mini: Mini, provider: str) -> Path:
    path = mini.root / ".lab" / "cluster" / "provider"
    path.parent.mkdir(parents=True)
    path.write_text(provider)
    return path.parent


def test_status_without_a_cluster_says_how_to_get_one(mini: Mini) -> None:
    done = mini.call("cluster", "status", **WIDE)
    assert (done.returncode, done.stdout) == (1, f"{HINT}\n")


def test_down_without_a_cluster_is_fine(mini: Mini) -> None:
    done = mini.call("cluster", "down", **WIDE)
    assert (done.returncode, done.stdout) == (0, "no cluster is up\n")


@pytest.mark.parametrize("component", [[], ["kubelet"]])
def test_logs_without_a_cluster_say_how_to_get_one(mini: Mini, component: list[str]) -> None:
    done = mini.call("cluster", "logs", *component, **WIDE)
    assert (done.returncode, done.stdout) == (1, f"lab: {HINT}\n")


def test_an_unknown_provider_is_told_those_that_there_are(mini: Mini) -> None:
    done = mini.call("cluster", "up", "--provider", "nonsense", **WIDE)
    assert done.returncode == 2
    assert done.stdout == "lab: no such provider: nonsense; there are eks, host, kind\n"
    assert not (mini.root / ".lab" / "cluster").exists()


def test_eks_without_consent_changes_nothing(mini: Mini, tmp_path: Path) -> None:
    before = mini.committed()
    done = mini.call("cluster", "up", "--provider", "eks", **WIDE, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        "lab: no cluster can run here, and nothing has been changed",
        "  eks: no EKS cluster is named; LAB_EKS_CLUSTER=its name",
        "  eks: it costs money, and you have not agreed; LAB_EKS_COSTS_MONEY=yes",
    ]
    assert not (mini.root / ".lab" / "cluster").exists()
    assert mini.committed() == before


def test_doctor_says_what_each_provider_lacks(mini: Mini, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "kind-cluster", mini.root / "kind-cluster")
    empty = {"PATH": str(tmp_path), "LAB_CACHE": str(tmp_path / "cache")}
    versions = mini.root / "kind-cluster" / "versions.yaml"
    versions.write_text(versions.read_text().replace("localhost:5001", "localhost:0"))
    done = mini.call("cluster", "doctor", **WIDE, **empty)
    assert done.returncode == 1
    for name in ("kind", "host", "eks"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(name)]
        assert line.endswith(": cannot run here")
    assert (
        "  no Docker engine answers: there is no docker; start it, or see docs.docker.com"
        in done.stdout
    )
    assert "  no EKS cluster is named; LAB_EKS_CLUSTER=its name\n" in done.stdout
    able = sys.platform == "linux" and os.geteuid() == 0
    assert ("apt-get install buildah containerd " if able else "  host needs ") in done.stdout


def test_logs_list_and_show_what_components_wrote(mini: Mini) -> None:
    logs = record(mini, "host") / "host" / "logs"
    logs.mkdir(parents=True)
    (logs / "kubelet.log").write_text("".join(f"line {n}\n" for n in range(99)))
    done = mini.call("cluster", "logs", **WIDE)
    assert done.returncode == 0
    assert done.stdout.split(maxsplit=1) == ["kubelet", f"{logs / 'kubelet.log'}\n"]
    done = mini.call("cluster", "logs", "kubelet", "-n", "2", **WIDE)
    assert done.stdout == "  last lines of kubelet.log:\n  | line 97\n  | line 98\n"
    done = mini.call("cluster", "logs", "kublet", **WIDE)
    assert (done.returncode, done.stdout) == (
        2,
        "lab: no such component: kublet; did you mean kubelet?\n",
    )


def test_status_of_a_node_that_never_came_up_is_told(mini: Mini) -> None:
    record(mini, "host")
    done = mini.call("cluster", "status", **WIDE)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert "./lab cluster up repairs it" in done.stdout


def test_help_names_every_subcommand(mini: Mini) -> None:
    done = mini.call("cluster", "--help", **WIDE)
    assert done.returncode == 0
    for name in ("up", "down", "status", "logs", "doctor"):
        assert f" {name} " in done.stdout
        assert mini.call("cluster", name, "--help", **WIDE).returncode == 0
