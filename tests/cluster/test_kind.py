"""The kind provider, with a Docker, a kind and a kubectl that only note how they are called."""

import platform
from pathlib import Path

import pytest
import yaml

from fakes import Fakes
from mlops_lab.cluster import phases, state
from mlops_lab.cluster.host import controllers
from mlops_lab.cluster.host.host import Host
from mlops_lab.cluster.images import churn
from mlops_lab.cluster.kind import Kind
from mlops_lab.cluster.phases import Phase
from mlops_lab.core.paths import CLUSTER, ROOT
from mlops_lab.toolchain.versions import document

NODES = document()["kind"]["nodes"]
# Knows the containers that have a file in the folder beside; the file says whether it runs.
DOCKER = """containers={folder}
case "$1" in
  inspect)
    for name; do :; done
    [ -e "$containers/$name" ] || {{ echo "no such object" >&2; exit 1; }}
    case "$3" in
      *Running*) read state < "$containers/$name"; echo "$state" ;;
      *Networks*) [ -e "$containers/network" ] && echo '{{"kind":{{}}}}' || echo null ;;
    esac ;;
  run) echo true > "$containers/mlops-lab-registry" ;;
  network) : > "$containers/network" ;;
  rm) /bin/rm -f "$containers/mlops-lab-registry" ;;
esac
exit 0
"""
KIND = """case "$1 $2" in
  "create cluster") echo true > {folder}/mlops-lab-control-plane; : > {config} ;;
  "delete cluster") /bin/rm -f {folder}/mlops-lab-control-plane ;;
esac
exit 0
"""


@pytest.fixture
def docker(fakes: Fakes, tmp_path: Path) -> Fakes:
    folder = tmp_path / "containers"
    folder.mkdir()
    state.kubeconfig().parent.mkdir(parents=True)
    fakes.add("docker", DOCKER.format(folder=folder))
    fakes.add("kind", KIND.format(folder=folder, config=state.kubeconfig()))
    fakes.add("kubectl")
    fakes.add("skopeo")
    return fakes


def own() -> list[Phase]:
    """The provider's own phases: those that every provider has would really build programs."""
    shared = {phase.name for phase in churn.phases(Kind.builder, ())}
    return [phase for phase in Kind().phases() if phase.name not in shared]


def up() -> None:
    phases.run(own(), lambda phase: None, lambda outcome: None)


def test_what_is_missing_is_named(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    problems = Kind().problems()
    assert [problem.what for problem in problems] == [
        "no Docker engine answers: there is no docker",
        "there is no kubectl",
        "there is no skopeo",
        "there is no kind",
    ]
    assert "docs.docker.com" in problems[0].mend


def test_what_docker_says_is_told(fakes: Fakes) -> None:
    fakes.add("docker", "echo 'permission denied while trying to connect' >&2; exit 1")
    assert "answers: permission denied while" in Kind().problems()[0].what


def test_go_can_stand_in_for_kind(docker: Fakes, monkeypatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    (docker.folder / "kind").rename(docker.folder / "go")
    assert Kind().problems() == []


def test_up_makes_a_pinned_node_and_a_registry_on_loopback(docker: Fakes) -> None:
    up()
    calls = docker.calls()
    (create,) = [call for call in calls if call.startswith("kind create")]
    assert f" --image {next(iter(NODES.values()))} " in create
    assert "@sha256:" in create
    assert f" --kubeconfig {state.kubeconfig()}" in create
    assert f" --config {CLUSTER / 'kind.yaml'} " in create
    (run,) = [call for call in calls if call.startswith("docker run")]
    port = document()["registry"].partition(":")[2]
    assert f" --publish 127.0.0.1:{port}:5000 " in run
    assert run.endswith(f" {document()['kind']['registry']}")
    connect = "docker network connect kind mlops-lab-registry"
    assert calls.index(connect) > max(calls.index(create), calls.index(run))
    (hosts,) = [call for call in calls if call.startswith("docker exec")]
    assert f"/etc/containerd/certs.d/{document()['registry']}/hosts.toml" in hosts
    assert "kind load docker-image lab/tools:bookworm --name mlops-lab" in calls
    assert Kind().dead() == []


def test_up_again_makes_nothing_anew(docker: Fakes) -> None:
    up()
    docker.calls()
    up()
    changes = ("kind create", "kind delete", "docker run", "docker rm", "docker network")
    assert not [call for call in docker.calls() if call.startswith(changes)]


def test_up_repairs_a_registry_that_stopped(docker: Fakes, tmp_path: Path) -> None:
    up()
    (tmp_path / "containers/mlops-lab-registry").write_text("false\n")
    assert Kind().dead() == ["mlops-lab-registry"]
    docker.calls()
    up()
    calls = docker.calls()
    assert "docker rm --force --volumes mlops-lab-registry" in calls
    assert not [call for call in calls if call.startswith("kind create")]
    assert Kind().dead() == []


def test_down_removes_both(docker: Fakes, tmp_path: Path) -> None:
    up()
    docker.calls()
    Kind().down()
    (deleted,) = [call for call in docker.calls() if call.startswith("kind delete")]
    assert f" --kubeconfig {state.kubeconfig()}" in deleted
    assert not list((tmp_path / "containers").glob("mlops-lab*"))
    Kind().down()
    assert Kind().dead() == ["mlops-lab-control-plane", "mlops-lab-registry"]


def test_a_dead_engine_is_what_is_dead(fakes: Fakes) -> None:
    assert Kind().dead() == ["Docker engine"]


@pytest.mark.parametrize("minor", NODES)
def test_the_environment_selects_the_minor(docker: Fakes, monkeypatch, minor: str) -> None:
    monkeypatch.setenv("LAB_KUBERNETES", minor)
    assert Kind().image() == NODES[minor]
    up()
    assert [NODES[minor] in call for call in docker.calls() if "create" in call] == [True]


def test_an_unknown_minor_is_a_problem_found_before_anything_changes(
    docker: Fakes, monkeypatch
) -> None:
    monkeypatch.setenv("LAB_KUBERNETES", "1.99")
    (problem,) = Kind().problems()
    assert problem.what.startswith(f"LAB_KUBERNETES=1.99: versions.yaml has {', '.join(NODES)}")


def test_the_node_listens_on_loopback() -> None:
    config = yaml.safe_load((CLUSTER / "kind.yaml").read_text())
    assert config["networking"]["apiServerAddress"] == "127.0.0.1"
    assert len(config["nodes"]) == 1


def test_the_workflow_s_matrix_has_every_minor() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    matrix = workflow["jobs"]["cluster"]["strategy"]["matrix"]
    assert matrix["kubernetes"] == list(document()["kind"]["nodes"])


def test_the_autoscaler_is_as_quick_as_on_host(monkeypatch) -> None:
    config = yaml.safe_load((CLUSTER / "kind.yaml").read_text())
    (patch,) = map(yaml.safe_load, config["kubeadmConfigPatches"])
    commands: dict[str, list[str]] = {}
    node = Host().node
    monkeypatch.setattr(node, "processes", dict)
    monkeypatch.setattr(node, "start", commands.__setitem__)
    controllers.up(node)
    flags = [f for f in commands["kube-controller-manager"] if "autoscaler" in f]
    extra = patch["controllerManager"]["extraArgs"]
    assert flags == [f"--{name}={value}" for name, value in extra.items()]
