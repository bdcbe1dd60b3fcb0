"""The platform's parts as they are applied: rendered from the real modules, and in which order."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.conftest import FakeKubectl
from mlops_lab.cluster import platform
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.platform import Part, parts
from mlops_lab.toolchain.versions import component, components, document

Manifests = list[dict[str, Any]]
TOOLS = f"lab/tools:{document()['bases']['tools']['suite']}"


@functools.cache
def _render(program: Path, provider: str, name: str) -> str:
    part = next(part for part in parts() if part.name == name)
    return json.dumps(platform.render(Kubectl(program, Path("none")), provider, part), default=str)


def every(program: Path, provider: str) -> dict[str, Manifests]:
    return {part.name: json.loads(_render(program, provider, part.name)) for part in parts()}


def named(manifests: Manifests) -> dict[tuple[str, str], dict[str, Any]]:
    return {(m["kind"], m["metadata"]["name"]): m for m in manifests}


@pytest.mark.parametrize("provider", ["host", "kind"])
def test_every_image_is_one_of_versions_yaml(real_kubectl: Path, provider: str) -> None:
    known = {found.reference for found in components().values() if found.image} | {TOOLS}
    used = {
        container["image"]
        for manifests in every(real_kubectl, provider).values()
        for container in platform._containers(manifests)
    }
    foreign = used - known
    # What KServe puts before a model server is named in a template, not in a pod.
    storage = component("storage-initializer").reference
    own = {component(p.source).reference for p in parts() if p.source}
    assert known & used == {TOOLS, storage, *own}
    if provider == "host":
        assert not foreign
    else:
        (redis,) = foreign
        assert "/redis:" in redis


def test_host_differs_from_kind_in_redis_alone(real_kubectl: Path) -> None:
    host, kind = every(real_kubectl, "host"), every(real_kubectl, "kind")
    for name in host:
        if name == "argo-cd":
            here, there = named(host[name]), named(kind[name])
            redis = ("Deployment", "argocd-redis")
            mine, theirs = (
                found[redis]["spec"]["template"]["spec"]["containers"][0] for found in (here, there)
            )
            assert mine["image"] == TOOLS
            assert mine.pop("command") == ["redis-server"]
            mine["image"] = theirs["image"]
            assert here == there
        elif not next(part for part in parts() if part.name == name).certificate:
            assert host[name] == kind[name]
        else:
            assert set(named(host[name])) == set(named(kind[name]))


def test_definitions_convert_through_no_server_of_another_authority(real_kubectl: Path) -> None:
    for manifests in every(real_kubectl, "host").values():
        for manifest in manifests:
            if manifest["kind"] == "CustomResourceDefinition":
                conversion = manifest["spec"].get("conversion", {"strategy": "None"})
                assert conversion["strategy"] == "None", manifest["metadata"]["name"]


def test_what_is_waited_for_is_there(real_kubectl: Path) -> None:
    for part in parts():
        found = named(every(real_kubectl, "host")[part.name])
        for workload in part.ready:
            kind, name = workload.split("/")
            match = next(m for (k, n), m in found.items() if (k.lower(), n) == (kind, name))
            assert match["metadata"]["namespace"] == part.namespace
        workloads = [key for key in found if key[0] in ("Deployment", "StatefulSet", "DaemonSet")]
        scaled = [key for key in workloads if found[key]["spec"].get("replicas", 1)]
        assert len(scaled) == len(part.ready), f"{part.name} waits for some of {scaled} only"


def test_no_container_is_pulled_anew_or_unpinned(real_kubectl: Path) -> None:
    for manifests in every(real_kubectl, "host").values():
        for container in platform._containers(manifests):
            assert container.get("imagePullPolicy", "IfNotPresent") == "IfNotPresent"
            assert not container["image"].endswith(":latest")


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        ("quay.io/argoproj/argocd:latest", component("argo-cd").reference),
        ("quay.io/argoproj/argocd", component("argo-cd").reference),
        ("kserve/kserve-controller:v0", component("kserve").reference),
        ("redis:8", "redis:8"),
        ("quay.io/argoproj/argocd-other:v1", "quay.io/argoproj/argocd-other:v1"),
        ("localhost:5001/mlops/churn:1", "localhost:5001/mlops/churn:1"),
    ],
)
def test_known_images_are_pinned_and_others_left_alone(image: str, wanted: str) -> None:
    assert platform.pinned(image) == wanted


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Part:
    """A part with one object of each sort that matters."""
    objects = [("ValidatingWebhookConfiguration", "w"), ("Deployment", "d"), ("Widget", "x")]
    manifests = [{"kind": kind, "metadata": {"name": name}} for kind, name in objects]
    manifests.append({"kind": "CustomResourceDefinition", "metadata": {"name": "widgets"}})
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "kustomization.yaml").write_text("resources: []")
    monkeypatch.setattr(platform, "FOLDER", tmp_path)
    monkeypatch.setattr(platform, "render", lambda *_: manifests)
    return Part("small", "a part", "corner", ["deployment/d"], "argo-cd")


def answers(note: str = "") -> FakeKubectl:
    condition = {"type": "Established", "status": "True"}
    definition = {"metadata": {"name": "widgets"}, "status": {"conditions": [condition]}}
    namespace = {"metadata": {"annotations": {"lab/applied-small": note}}}
    kubectl = FakeKubectl(get=json.dumps({**definition, **namespace, "items": [definition]}))
    return kubectl


def test_definitions_come_first_and_webhooks_last(small: Part) -> None:
    kubectl = answers()
    platform.up(kubectl, "host", small)
    kinds = [[m["kind"] for m in yaml.safe_load_all(text)] for text in kubectl.applied]
    assert kinds == [
        ["Namespace"],
        ["CustomResourceDefinition"],
        ["Deployment", "Widget"],
        ["ValidatingWebhookConfiguration"],
    ]
    *_, rollout, webhooks, note = kubectl.calls
    assert rollout.startswith("rollout status deployment/d -n corner --timeout=")
    assert webhooks == "apply"
    wanted = platform.key("host", small)
    assert note == f"annotate --overwrite namespace corner lab/applied-small={wanted}"


def test_a_definition_that_is_not_served_yet_is_waited_for() -> None:
    true, false = ({"type": "Established", "status": word} for word in ("True", "False"))
    states = [{}, {"conditions": None}, {"conditions": [false]}, {"conditions": [true]}]
    found = []
    for state in states:
        item = {"status": state}
        text = json.dumps({"items": [item, {"status": {"conditions": [true]}}]})
        found.append(platform._established(FakeKubectl(get=text), ["a", "b"]))
        assert platform._established(FakeKubectl(get=json.dumps(item)), ["a"]) == found[-1]
    assert found == [False, False, False, True]


def test_it_is_done_when_this_very_version_is_rolled_out(small: Part) -> None:
    wanted = platform.key("host", small)
    assert platform.done(answers(wanted), "host", small)
    assert not platform.done(answers(), "host", small)
    assert not platform.done(answers(wanted), "kind", small)

    class Stuck(FakeKubectl):
        def __call__(self, *arguments: str, stdin: str = "") -> str:
            if arguments[0] == "rollout":
                return "deployment d: Waiting for rollout to finish"
            return super().__call__(*arguments, stdin=stdin)

    assert not platform.done(Stuck(**answers(wanted).answers), "host", small)


def test_what_would_be_applied_has_a_key(small: Part, tmp_path: Path) -> None:
    first = platform.key("host", small)
    assert platform.key("kind", small) != first
    assert platform.key("host", Part("small", "", "corner", [], "kserve")) != first
    with pytest.MonkeyPatch.context() as later:
        later.setattr(platform, "images", lambda: {"moto": "0"})
        assert platform.key("host", small) != first
    (tmp_path / "small" / "more.yaml").write_text("x")
    assert platform.key("host", small) != first
