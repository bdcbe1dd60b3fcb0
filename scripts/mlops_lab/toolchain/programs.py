"""Programs: from .venv, from PATH, from the cache, or built from a Go module or npm packages, with
their sums.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from mlops_lab.core.environment import builds
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.text import tail
from mlops_lab.toolchain import cache, go, node
from mlops_lab.toolchain.versions import Component, component

# A compiler lives for seconds: it need not tidy up before it has taken this much. Together with no
# symbols for a debugger, which -s and -w would throw away again, a sixth of the work less.
UNTIDY = {"GOGC": "off", "GOMEMLIMIT": "2GiB"}


def program(name: str) -> Path:
    """The component's program: from .venv or PATH, or built now if the cache does not have it.

    Raises:
        LabError: it can neither be found nor built; what helps, and the end of a log, are in the
            message.
    """
    wanted = component(name)
    if found := _on_path(wanted):
        return found
    if not wanted.is_built:
        raise LabError(f"there is no {name}; {wanted.get}")
    return cache.obtain(_cached(wanted), lambda path: _build(wanted, path))


def at_hand(name: str) -> str | None:
    """Where the program is, if nothing has to be built for it."""
    wanted = component(name)
    found = _on_path(wanted)
    if not found and wanted.is_built and is_cached(name):
        found = cache.folder() / _cached(wanted)
    return str(found) if found else None


def named(names: Iterable[str], folder: Path) -> Path:
    """The folder, with a link for each of the programs under which a shell finds it.

    What is built lies in the cache under its version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if found := at_hand(name):
            link = folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(found)
    return folder


def _on_path(wanted: Component) -> Path | None:
    """The program in .venv or on PATH, if it is this version.

    What a cluster is made of is always built; what is never built is good in any version.
    """
    if not (wanted.labs and wanted.fits):
        return None
    own = os.path.join(sys.prefix, "bin")
    path = os.pathsep.join([own, os.environ.get("PATH", "")])
    names = wanted.programs or (wanted.name,)
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if not found or not wanted.is_built:
        return Path(found) if found else None
    try:
        done = subprocess.run([found, "--version"], capture_output=True, text=True)
    except OSError:  # one for another machine, say
        return None
    # A build of one's own says v1.2.3 where a release says 1.2.3.
    said = {word.removeprefix("v") for word in done.stdout.split()}
    return Path(found) if wanted.version.removeprefix("v") in said else None


def is_cached(name: str) -> bool:
    """Whether `program` would return at once."""
    return (cache.folder() / _cached(component(name))).exists()


def _cached(wanted: Component) -> str:
    key = cache.key(wanted.version, go.minor(), *wanted.tags, *sorted(_sums(wanted).iterdir()))
    return f"programs/{wanted.name}-{wanted.version}-{key}"


def _sums(wanted: Component) -> Path:
    """The folder with the sums of all that the program is built from."""
    return CLUSTER / "build" / (wanted.of or wanted.name)


def _build(wanted: Component, path: Path) -> None:
    log = cache.folder() / f"build-{wanted.name}.log"
    if wanted.bundled:
        node.bundle(_sums(wanted), path, log)
    else:
        _compile(wanted, path, log)


def _compile(wanted: Component, path: Path, log: Path) -> None:
    found = go.obtain()
    tags = ["-tags", ",".join(wanted.tags)] if wanted.tags else []
    lean = ["-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", _flags(wanted)]
    with log.open("wb") as output:
        done = subprocess.run(
            [str(found.program), "build", *tags, *lean, "-o", str(path), wanted.package],
            cwd=_sums(wanted),
            env={**builds(), "CGO_ENABLED": "0", **UNTIDY, **found.env},
            stdout=output,
            stderr=output,
        )
    if done.returncode:
        raise LabError(f"{wanted.name} {wanted.version} does not build\n{tail(log)}")


def _flags(wanted: Component) -> str:
    numbers = wanted.version.removeprefix("v").split(".")
    said = (f"-X {name}={value.format(*numbers)}" for name, value in wanted.says.items())
    return " ".join(["-s -w", *said])
