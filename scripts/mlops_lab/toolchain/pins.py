"""requirements.txt as a graph: which pins a package stands on."""

import functools
import re
import sysconfig
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.markers import Marker

from mlops_lab.core.paths import ROOT

FILE = ROOT / "requirements.txt"
PIN = re.compile(r"([\w.-]+)(?:\[[^]]*\])?==([^\s;\\]+)(?:\s*;([^\\]+))?")
# Lines of RECORD: what is imported lies at the top, what is called in bin/.
PARTS = {
    "module": re.compile(r"^([A-Za-z_]\w*)(?=[./])", re.MULTILINE),
    "program": re.compile(r"^(?:\.\./)+bin/([^/,]+),", re.MULTILINE),
}
VIA = re.compile(r"\s+#(?: via)?\s+([\w.-]+)$")


@functools.cache
def pins() -> tuple[Mapping[str, str], Mapping[str, set[str]]]:
    """The version of every package that this Python and system get, and which packages it needs.

    The second is what uv writes below each pin: by whom it is needed.
    """
    versions: dict[str, str] = {}
    needs: dict[str, set[str]] = defaultdict(set)
    name = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            name = pin[1] if not pin[3] or Marker(pin[3]).evaluate() else ""
            if name:
                versions[name] = pin[2]
        elif name and (via := VIA.match(line)):
            needs[via[1]].add(name)
    return versions, needs


def below(names: Iterable[str]) -> dict[str, str]:
    """The versions of these packages and of all that they need, over every step."""
    versions, needs = pins()
    found: dict[str, str] = {}
    waiting = [name for name in names if name in versions]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = versions[name]
            waiting += [need for need in needs[name] if need in versions]
    return found


@functools.cache
def owners() -> Mapping[str, Mapping[str, set[str]]]:
    """The packages that bring each ``module`` and each ``program``, by its name.

    From each package's RECORD as text: importlib.metadata takes twenty times as long, since it
    makes an object of every file.
    https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    found: dict[str, dict[str, set[str]]] = {"module": {}, "program": {}}
    for record in Path(sysconfig.get_path("purelib")).glob("*.dist-info/RECORD"):
        owner = normal(record.parent.name.partition("-")[0])
        text = record.read_text(encoding="utf-8")
        for kind, pattern in PARTS.items():
            for name in set(pattern.findall(text)):
                found[kind].setdefault(name, set()).add(owner)
    return found


def normal(name: str) -> str:
    """A package's name as an index has it: https://peps.python.org/pep-0503/#normalized-names"""
    return re.sub(r"[-_.]+", "-", name).lower()
