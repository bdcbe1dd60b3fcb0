"""A lab's own corner of the cluster: an empty namespace, and the way there."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from cluster.conftest import FakeKubectl
from mlops_lab.cluster import access, lifecycle, state
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import held

NAME = "churn-08-argocd"


class Provider:
    """A provider whose kubectl lists what earlier labs left."""

    name, builder, offline = "pretended", Builder("buildah", "base:1"), True

    def __init__(self, config: Path, *left: str) -> None:
        found = {"items": [{"metadata": {"name": name}} for name in left], "gitVersion": "v1.36.9"}
        self.kubectl = FakeKubectl(get=json.dumps(found), get_jobs="job.batch/smoke\n")
        self.kubectl.config = config
        config.write_text("clusters: []\n")
        self.loaded: list[str] = []

    def load(self, images: Iterable[str]) -> None:
        self.loaded += images


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Provider:
    left = (NAME, f"app-{NAME}", f"{NAME}-2", "churn-07b-kserve-cluster", "default")
    found = Provider(tmp_path / "kubeconfig", *left)
    monkeypatch.setattr(access, "current", lambda: found)
    monkeypatch.setattr(lifecycle, "death", str)
    return found


def test_without_a_cluster_no_cell_can_run() -> None:
    assert not access.available()
    with pytest.raises(LabError, match=r"no cluster is up; \./lab cluster up"):
        access.join(NAME, Path("nowhere"))


def test_a_cluster_that_is_not_whole_is_told(provider: Provider, monkeypatch) -> None:
    assert access.available()
    provider.kubectl.ready = False
    monkeypatch.setattr(access, "ANSWER_LIMIT", 0)
    with pytest.raises(LabError, match="API does not answer"):
        access.available()
    monkeypatch.setattr(lifecycle, "death", lambda: "the cluster's etcd died")
    with pytest.raises(LabError, match="etcd died"):
        access.available()


def test_a_cluster_on_its_way_is_told(provider: Provider, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(state, "lock", lambda: tmp_path / "cluster.lock")
    with (
        held(state.lock(), "lab cluster"),
        pytest.raises(LabError, match="brings the cluster up or down; wait"),
    ):
        access.available()
    assert access.available()


def test_leaving_removes_what_carries_the_lab_s_name_and_nothing_else(provider: Provider) -> None:
    access.leave(NAME)
    calls = [call for call in provider.kubectl.calls if call.startswith("delete")]
    deleted = [call.split()[1:3] for call in calls if " pods " not in call]
    assert {name for _, name in deleted} == {NAME, f"app-{NAME}"}
    assert {kind for kind, _ in deleted} == {"namespace", *access.OUTSIDE}
    assert {call.split()[4] for call in calls if " pods " in call} == {NAME, f"app-{NAME}"}


def test_what_a_killed_lab_left_goes_if_a_cluster_is_up(provider: Provider, monkeypatch) -> None:
    monkeypatch.setattr(lifecycle, "is_up", lambda: False)
    access.forget(NAME)
    assert provider.kubectl.calls == []
    monkeypatch.setattr(lifecycle, "is_up", lambda: True)
    access.forget(NAME)
    assert f"delete namespace {NAME} --wait=false --ignore-not-found" in provider.kubectl.calls


def test_a_hook_whose_application_is_gone_does_not_keep_its_namespace(provider: Provider) -> None:
    access.leave(NAME)
    unbound = [call for call in provider.kubectl.calls if call.startswith("patch job.batch/smoke")]
    assert [call.split()[3] for call in unbound] == [NAME, f"app-{NAME}"]


def test_what_waits_for_an_operator_that_is_gone_does_not_keep_its_namespace(
    provider: Provider,
) -> None:
    served = f"alertmanagers.{access.OPERATOR}\nrules.{access.OPERATOR}\n"
    provider.kubectl.answers |= {"api-resources": served}
    access.leave(NAME)
    kinds = f"jobs,alertmanagers.{access.OPERATOR}"
    assert f"get {kinds} -n {NAME} -o name" in provider.kubectl.calls


def test_a_lab_s_images_go_to_the_nodes_by_the_provider(provider: Provider) -> None:
    assert access.offline()
    access.load(["plain"])
    assert provider.loaded == ["plain"]


@pytest.mark.parametrize("reason", ["Error from server (NotFound): gone", "connection refused"])
def test_what_has_gone_by_itself_is_no_error(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    class Kubectl(FakeKubectl):
        def __call__(self, *arguments: str, stdin: str = "") -> str:
            if arguments[0] == "patch":
                raise LabError(reason)
            return super().__call__(*arguments, stdin=stdin)

    monkeypatch.setattr(provider, "kubectl", Kubectl(**provider.kubectl.answers))
    if "NotFound" in reason:
        access.leave(NAME)
        assert f"exec -n lab deployment/git -- rm -rf /data/{NAME}.git" in provider.kubectl.calls
    else:
        with pytest.raises(LabError, match="refused"):
            access.leave(NAME)


NOISE = 'E1 reflector.go:227] "Failed to watch" err="Get: context canceled" reflector="x"'


@pytest.mark.parametrize("command", ["wait", "get"])
def test_a_wait_does_not_tell_that_its_watch_ended(tmp_path: Path, command: str) -> None:
    kubectl, bash = tmp_path / "kubectl", tmp_path / "env.bash"
    kubectl.write_text(f"#!/bin/sh\necho met\necho '{NOISE}' >&2\necho real >&2\nexit 3\n")
    kubectl.chmod(0o755)
    bash.write_text(access.BASH)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BASH_ENV": str(bash)}
    script = f"kubectl {command} pod/load | cat"
    done = subprocess.run(
        ["bash", "-euo", "pipefail"], input=script, capture_output=True, text=True, env=env
    )
    assert (done.returncode, done.stdout) == (3, "met\n")
    told = done.stderr.splitlines()
    assert told == (["real"] if command == "wait" else [NOISE, "real"])


def test_the_stamp_has_the_version_that_the_cluster_serves(provider: Provider) -> None:
    stamp = access.stamp()
    assert stamp["provider"] == "pretended"
    assert stamp["versions"]["kubernetes"] == "v1.36.9"
    assert "prometheus" in access.stamp(["prometheus"])["versions"]


def test_the_stamp_has_what_the_cluster_is_made_of_and_not_what_is_pinned_by_now(
    provider: Provider,
) -> None:
    state.FOLDER.mkdir(parents=True)
    state.versions_file().write_text('{"kserve": "v0.1"}')
    assert access.stamp()["versions"] == {"kserve": "v0.1", "kubernetes": "v1.36.9"}
