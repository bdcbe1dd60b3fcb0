"""A lab's own corner of the cluster: a namespace, a kubeconfig that points there, no leftovers."""

import json
import os
import shutil
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from mlops_lab.cluster import lifecycle, state
from mlops_lab.cluster.interface import Provider
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.providers import current
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import is_held
from mlops_lab.core.waiting import ANSWER_LIMIT, LIMIT, until
from mlops_lab.toolchain.versions import component, document

# What a lab may make outside its namespace, with the namespace where it stands.
OUTSIDE = {"applications.argoproj.io": "argocd", "appprojects.argoproj.io": "argocd"}
# The API group of the Prometheus Operator.
OPERATOR = "monitoring.coreos.com"

# What bash reads first. A wait of kubectl 1.36 that is over before its watch has begun may tell of
# that as an error, and by its timing: a cell would print something else in the next run.
BASH = """\
kubectl() {
    [ "${1-}" = wait ] || { command kubectl "$@"; return; }
    command kubectl "$@" 2> >(grep -v '"Failed to watch".*context canceled' >&2)
}
"""


def available() -> bool:
    """Whether cluster cells can run.

    Raises:
        LabError: there is a cluster, but it is not whole, or not yet; why is in the message.
    """
    provider = current()
    if provider is None:
        return False
    if is_held(state.lock()):
        raise LabError("another ./lab cluster brings the cluster up or down; wait until it ends")
    if died := lifecycle.death():
        raise LabError(died)
    _await(provider)
    return True


def _await(provider: Provider) -> None:
    """Return once the API is ready: on a busy machine etcd may be late for a moment."""
    try:
        until("it", lambda: provider.kubectl.reads("/readyz"), limit=ANSWER_LIMIT)
    except LabError as error:
        message = "the cluster's API does not answer; ./lab cluster up repairs it"
        raise LabError(message) from error


def offline() -> bool:
    """Whether there is a cluster that gets its images from here."""
    return available() and _provider().offline


def load(images: Iterable[str]) -> None:
    """Give the cluster's nodes images that labs bring, by the components' names."""
    _provider().load(images)


def join(name: str, folder: Path) -> dict[str, str]:
    """Give the lab called `name` an empty namespace of that name; the variables of the way there.

    Raises:
        LabError: no cluster is up, or what an earlier run left does not go away.
    """
    provider = _provider()
    leave(name)
    own = folder.with_suffix(".kubeconfig")
    shutil.copy(provider.kubectl.config, own)
    kubectl = Kubectl(provider.kubectl.program, own)
    # Into a namespace that is going away nothing can be delivered.
    for found in _named(provider.kubectl, name, "namespaces"):
        kubectl("wait", "--for=delete", f"namespace/{found}", f"--timeout={LIMIT:.0f}s")
    kubectl("create", "namespace", name)
    kubectl("config", "set-context", "--current", f"--namespace={name}")
    programs, bash = state.FOLDER / "bin", folder.with_suffix(".bash")
    bash.write_text(BASH, encoding="utf-8")
    return {
        "BASH_ENV": str(bash),
        "KUBECONFIG": str(own),
        "REGISTRY": document()["registry"],
        "WHEELS": str(programs / "wheels"),
        "BUILDER": provider.builder.program,
        "BASE": provider.builder.base,
        "PATIENCE": f"{LIMIT:.0f}s",  # of kubectl in a notebook's cells
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
    }


def leave(name: str) -> None:
    """Remove what the lab called `name` made, as far as possible without waiting."""
    kubectl = _provider().kubectl
    for kind, namespace in OUTSIDE.items():
        for found in _named(kubectl, name, kind, "-n", namespace):
            # Its own finalizer would wait for a namespace that goes away at the same time.
            _unbind(kubectl, kind, found, "-n", namespace)
            kubectl("delete", kind, found, "-n", namespace, "--wait=false", "--ignore-not-found")
    for found in _named(kubectl, name, "namespaces"):
        kubectl("delete", "namespace", found, "--wait=false", "--ignore-not-found")
        # What does not listen to SIGTERM would hold the name for half a minute.
        kubectl("delete", "pods", "--all", "-n", found, "--grace-period=1", "--wait=false")
        # Argo CD takes its finalizer off a hook when the sync ends, and the Prometheus Operator its
        # own off what it runs. Where these are gone, they would keep the namespace for ever.
        for kept in kubectl("get", _finalized(kubectl), "-n", found, "-o", "name").split():
            _unbind(kubectl, kept, "-n", found)
    kubectl("exec", "-n", "lab", "deployment/git", "--", "rm", "-rf", f"/data/{name}.git")


def forget(name: str) -> None:
    """Remove what the lab called `name` left when it was killed, if a cluster is up."""
    if lifecycle.is_up():
        leave(name)


def stamp(images: Collection[str] = ()) -> dict[str, Any]:
    """What ran in the cluster and when: part of the stamp of a lab that used it.

    `images` are those that the lab brings.
    """
    provider = _provider()
    served = json.loads(provider.kubectl("get", "--raw", "/version"))["gitVersion"]
    brought = {name: component(name).version for name in images}
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "provider": provider.name,
        "versions": {**state.versions(), **brought, "kubernetes": served},
    }


def _finalized(kubectl: Kubectl) -> str:
    """The kinds whose objects may wait for a controller that is gone, as far as they exist."""
    served = kubectl("api-resources", f"--api-group={OPERATOR}", "-o", "name").split()
    ours = {f"prometheuses.{OPERATOR}", f"alertmanagers.{OPERATOR}"}
    return ",".join(["jobs", *sorted(ours & set(served))])


def _named(kubectl: Kubectl, name: str, *what: str) -> list[str]:
    """The objects called `name`, or SOMETHING-`name`."""
    found = json.loads(kubectl("get", *what, "-o", "json"))
    names = [item["metadata"]["name"] for item in found["items"]]
    return [one for one in names if one == name or one.endswith(f"-{name}")]


def _unbind(kubectl: Kubectl, *what: str) -> None:
    """Take all finalizers off an object, if it is still there."""
    try:
        kubectl("patch", *what, "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    except LabError as error:
        if "NotFound" not in str(error):
            raise


def _provider() -> Provider:
    provider = current()
    if provider is None:
        raise LabError("no cluster is up; ./lab cluster up brings one up")
    return provider
