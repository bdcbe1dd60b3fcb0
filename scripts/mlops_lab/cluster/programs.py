"""Programs: from PATH, from the cache, or built from the Go module with its committed sums."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from mlops_lab.cluster import cache
from mlops_lab.cluster.versions import Component, component
from mlops_lab.environment import builds
from mlops_lab.errors import LabError
from mlops_lab.paths import CLUSTER
from mlops_lab.text import tail


def program(name: str) -> Path:
    """The component's program: from PATH, or built now if the cache does not have it.

    Raises:
        LabError: there is no Go, or the build failed; the end of its log is in the message.
    """
    wanted = component(name)
    return _on_path(wanted) or cache.obtain(_cached(wanted), lambda path: _build(wanted, path))


def at_hand(name: str) -> str | None:
    """Where the program is, if nothing has to be built for it."""
    wanted = component(name)
    found = _on_path(wanted) or cache.folder() / _cached(wanted)
    return str(found) if found.exists() else None


def obtain(names: Iterable[str]) -> None:
    """Have these programs before `mask` hides the network and the user's cache folder.

    Raises:
        LabError: as `program` does.
    """
    os.environ.setdefault("LAB_CACHE", str(cache.folder()))
    for name in names:
        program(name)


# They come with labs, not with a cluster.
LABS_OWN = ("act", "actionlint", "kind")


def _on_path(wanted: Component) -> Path | None:
    """The program on PATH, if it is this version; what a cluster is made of is always built."""
    found = shutil.which(wanted.name) if wanted.name in LABS_OWN else None
    if not found:
        return None
    done = subprocess.run([found, "--version"], capture_output=True, text=True)
    return Path(found) if wanted.version.removeprefix("v") in done.stdout.split() else None


def is_cached(name: str) -> bool:
    """Whether `program` would return at once."""
    return (cache.folder() / _cached(component(name))).exists()


def _cached(wanted: Component) -> str:
    files = sorted((CLUSTER / "build" / wanted.name).iterdir())
    return f"programs/{wanted.name}-{wanted.version}-{cache.key(wanted.version, *files)}"


def _build(wanted: Component, path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise LabError(f"building {wanted.name} {wanted.version} needs Go: see go.dev/doc/install")
    log = cache.folder() / f"build-{wanted.name}.log"
    command = [go, "build", "-trimpath", "-ldflags", _flags(wanted), "-o", str(path)]
    with log.open("wb") as output:
        done = subprocess.run(
            [*command, wanted.package],
            cwd=CLUSTER / "build" / wanted.name,
            # auto: some components need a newer Go than the one here, which Go then fetches.
            env={**builds(), "CGO_ENABLED": "0", "GOTOOLCHAIN": "auto"},
            stdout=output,
            stderr=output,
        )
    if done.returncode:
        raise LabError(f"{wanted.name} {wanted.version} does not build\n{tail(log)}")


def _flags(wanted: Component) -> str:
    if wanted.name == "kubernetes":
        major, minor, _ = wanted.version.removeprefix("v").split(".")
        package = "k8s.io/component-base/version"
        values = {"gitVersion": wanted.version, "gitMajor": major, "gitMinor": minor}
    elif wanted.name == "argo-cd":
        package = "github.com/argoproj/argo-cd/v3/common"
        values = {"version": wanted.version.removeprefix("v")}
    else:
        values = {}
    return " ".join(["-s -w", *(f"-X {package}.{k}={v}" for k, v in values.items())])
