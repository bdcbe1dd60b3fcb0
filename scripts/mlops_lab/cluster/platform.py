"""What runs on every provider's cluster: kind-cluster/platform, applied and waited for."""

import base64
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

import yaml
from pydantic.dataclasses import dataclass

from mlops_lab.cluster.certificates import Authority
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.phases import Phase
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.schema import STRICT, load
from mlops_lab.core.waiting import LIMIT, until
from mlops_lab.toolchain import cache
from mlops_lab.toolchain.modules import source
from mlops_lab.toolchain.versions import component, components

FOLDER = CLUSTER / "platform"
WEBHOOKS = {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
# The annotation by which a second `up` sees what it has applied before.
APPLIED = "lab/applied"


@dataclass(frozen=True, config=STRICT)
class Part:
    """One entry of platform.yaml; the fields are explained there."""

    name: str
    about: str
    namespace: str
    ready: list[str]
    source: str = ""
    certificate: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def parts() -> list[Part]:
    """The platform's parts, in the order of the file."""
    file = FOLDER / "platform.yaml"
    text = file.read_text(encoding="utf-8")
    return list(load(dict[str, Part], text, file.name, key="name").values())


def phases(kubectl: Kubectl, provider: str, needs: tuple[str, ...]) -> list[Phase]:
    """A phase for each part; all need the provider's last phases, none another part."""
    return [
        Phase(
            part.name,
            f"{part.name} {component(part.source).version}" if part.source else part.name,
            needs,
            functools.partial(done, kubectl, provider, part),
            functools.partial(up, kubectl, provider, part),
        )
        for part in parts()
    ]


def done(kubectl: Kubectl, provider: str, part: Part) -> bool:
    """Whether this very version has been applied and is rolled out."""
    try:
        found = json.loads(kubectl("get", "namespace", part.namespace, "-o", "json"))
        wanted = key(provider, part)
        if found["metadata"].get("annotations", {}).get(f"{APPLIED}-{part.name}") != wanted:
            return False
        return all(_rolled_out(kubectl, part, workload) for workload in part.ready)
    except LabError:
        return False


def up(kubectl: Kubectl, provider: str, part: Part) -> None:
    """Apply the part and return when it is rolled out."""
    name = {"metadata": {"name": part.namespace}}
    kubectl.apply(yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", **name}))
    manifests = render(kubectl, provider, part)
    # Definitions first: the rest may be of the kinds that they define.
    definitions = [m for m in manifests if m["kind"] == "CustomResourceDefinition"]
    rest = [m for m in manifests if m["kind"] != "CustomResourceDefinition"]
    if definitions:
        kubectl.apply(yaml.dump_all(definitions, Dumper=yaml.CSafeDumper))
        names = [definition["metadata"]["name"] for definition in definitions]
        until(f"the definitions of {part.name}", lambda: _established(kubectl, names))
    webhooks = [m for m in rest if m["kind"] in WEBHOOKS]
    kubectl.apply(yaml.dump_all([m for m in rest if m not in webhooks], Dumper=yaml.CSafeDumper))
    for workload in part.ready:
        limit = f"--timeout={LIMIT:.0f}s"
        kubectl("rollout", "status", workload, "-n", part.namespace, limit)
    # Webhooks last: they would refuse what their own server still needs.
    if webhooks:
        kubectl.apply(yaml.dump_all(webhooks, Dumper=yaml.CSafeDumper))
    note = f"{APPLIED}-{part.name}={key(provider, part)}"
    kubectl("annotate", "--overwrite", "namespace", part.namespace, note)


def key(provider: str, part: Part) -> str:
    """A name for exactly what would be applied."""
    files = sorted(path for path in (FOLDER / part.name).rglob("*") if path.is_file())
    version = component(part.source).version if part.source else ""
    return cache.key(provider, version, json.dumps(images()), *files)


def images() -> dict[str, str]:
    """The version of each component whose image the platform brings."""
    known = [c for c in components().values() if c.image and not c.labs]
    return {one.name: one.version for one in known if one.name not in ("pause", "coredns")}


def render(kubectl: Kubectl, provider: str, part: Part) -> list[dict[str, Any]]:
    """The part's manifests: kustomize over the released module, certificates filled in."""
    with tempfile.TemporaryDirectory(prefix="lab-platform-") as scratch:
        folder = Path(scratch) / part.name
        shutil.copytree(FOLDER / part.name, folder)
        if part.source:
            os.symlink(source(component(part.source)), folder / "upstream")
        # What differs on one provider is a component in a folder of that name.
        differs = [f"{part.name}/{provider}"] if (folder / provider).exists() else []
        root = {"resources": [part.name], "components": differs}
        (Path(scratch) / "kustomization.yaml").write_text(yaml.safe_dump(root), encoding="utf-8")
        text = kubectl("kustomize", scratch)
        manifests = list(yaml.load_all(text, Loader=yaml.CSafeLoader))
        if part.certificate:
            manifests += _certify(part, manifests, Path(scratch) / "pki")
    for container in _containers(manifests):
        container["image"] = pinned(container["image"])
    return manifests


def pinned(image: str) -> str:
    """The image at versions.yaml's version, if it is of a component there."""
    name = image.rpartition(":")[0] or image
    for known in components().values():
        if known.image and name in (known.image, known.image.removeprefix("docker.io/")):
            return known.reference
    return image


def _containers(manifests: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for manifest in manifests:
        pod = manifest.get("spec", {}).get("template", {}).get("spec", {})
        yield from [*pod.get("initContainers", []), *pod.get("containers", [])]
        # KServe's template of the container that downloads a model.
        if manifest["kind"] == "ClusterStorageContainer":
            yield manifest["spec"]["container"]


def _certify(part: Part, manifests: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Put a new authority into the webhooks, and return the Secret with the server's pair."""
    service, secret = part.certificate["service"], part.certificate["secret"]
    authority = Authority.create(folder, "webhook-ca")
    host = f"{service}.{part.namespace}.svc"
    authority.issue("tls", host, hosts=(host,))
    bundle = base64.b64encode(authority.path.read_bytes()).decode()
    for manifest in manifests:
        if manifest["kind"] in WEBHOOKS:
            for webhook in manifest["webhooks"]:
                webhook["clientConfig"]["caBundle"] = bundle
    pair = {f"tls.{end}": (folder / f"tls.{end}").read_text() for end in ("crt", "key")}
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {"name": secret, "namespace": part.namespace},
            "stringData": pair,
        }
    ]


def _established(kubectl: Kubectl, names: list[str]) -> bool:
    """Whether the API server serves these definitions; `kubectl wait` fails on very new ones."""
    found = json.loads(kubectl("get", "crd", *names, "-o", "json"))
    states = [
        {condition["type"]: condition["status"] for condition in item["status"]["conditions"]}
        for item in found.get("items", [found])
        if item.get("status", {}).get("conditions")
    ]
    return len(states) == len(names) and all(s.get("Established") == "True" for s in states)


def _rolled_out(kubectl: Kubectl, part: Part, workload: str) -> bool:
    """Whether it is so at this moment: kubectl then does not say what it would wait for."""
    said = kubectl("rollout", "status", workload, "-n", part.namespace, "--watch=false")
    return "waiting" not in said.lower()
