"""What a lab or a test file depends on as one hash, and which passed as they are now."""

import functools
import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlops_lab.cluster import state
from mlops_lab.cluster.providers import current
from mlops_lab.core.files import publish
from mlops_lab.core.paths import CACHE, ROOT
from mlops_lab.lab.catalog import Spec
from mlops_lab.runs import sources
from mlops_lab.services import definitions
from mlops_lab.toolchain import pins
from mlops_lab.toolchain.versions import component

NOTES = CACHE / "passed.json"
# What executes every notebook.
ENGINE = (
    "mlops_lab.lab.lab",
    "mlops_lab.runs.papermill_engine",
    "mlops_lab.runs.execute",
    "mlops_lab.runs.scheduler",
)
KERNEL = ("ipykernel", "papermill", "nbclient", "jupyter-client")
PREPARE = Path(sources.PACKAGE) / "lab" / "prepare.py"
# What git ignores, at the top of the checkout; a set-up that was killed leaves more.
MADE = (".git", ".venv", ".lab", "build", ".pytest_cache", ".mypy_cache", ".ruff_cache")
# Where pytest finds what tests import: `pythonpath` in pyproject.toml, and their own folder.
BESIDE = ("tests", "labs/churn", "labs/mlops")
Below = Callable[[Path], list[Path]]
STARTED = re.compile(r"""\.start\(\s*["']([\w-]+)["']""")


def since_passed(name: str, now: str) -> bool:
    """Whether this has never passed here with the fingerprint `now`."""
    return _notes().get(name) != now


def note(name: str, now: str | None) -> None:
    """Remember the fingerprint with which this passed, or with None that it did not."""
    notes = _notes()
    notes.pop(name, None)
    if now:
        notes[name] = now
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    publish(NOTES, json.dumps(notes, indent=1))


def _notes() -> dict[str, str]:
    try:
        notes: dict[str, str] = json.loads(NOTES.read_text(encoding="utf-8"))
        return notes
    except (OSError, ValueError):
        return {}


def below(path: Path) -> list[Path]:
    """The files that git does not ignore; where there is no git, those in no folder of `MADE`."""
    if path.is_file():
        return [path]
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    done = None
    # Without a repository of its own, git would tell of one that the checkout lies in.
    if (ROOT / ".git").exists():
        with suppress(OSError):
            done = subprocess.run(listed, cwd=path, capture_output=True, text=True)
    if done and done.returncode == 0:
        names = [path / name for name in done.stdout.split("\0") if name]
        return [name for name in names if name.is_file()]
    tops = [path] if path != ROOT else path.iterdir()
    tops = [top for top in tops if top.relative_to(ROOT).parts[0] not in MADE]
    return [file for top in tops for file in (top, *top.rglob("*")) if file.is_file()]


def of_lab(spec: Spec, below: Below = below) -> str:
    """A hash over everything that decides what the lab's cells print.

    That is: the cells, what the first of them asks for, the services, our modules and the folders
    that any of these name, the programs with what they are built from, the versions of the packages
    below them, the Python, the cluster. Who asks for many hashes at one moment lets `below`
    remember what it found.
    """
    notebook = json.loads(spec.path.read_text(encoding="utf-8"))
    provider = current() if spec.cluster else None
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    wanted = definitions.resolve([*spec.services, *_started(text)])
    programs = {*spec.programs, *(s.program.name for s in wanted if s.program.is_pinned)}
    modules = _modules(text, [service.command for service in wanted], cluster=bool(provider))
    folders = _folders(spec, modules, cluster=bool(provider)) | _sums(programs)
    files = [*modules, *_files(folders, below)]
    facts = {
        "cells": [["".join(c["source"]), c["metadata"].get("tags", [])] for c in cells],
        "lab": {k: v for k, v in notebook["metadata"]["lab"].items() if k != "stamp"},
        "services": [service.model_dump() for service in wanted],
        "programs": [asdict(component(name)) for name in sorted(programs)],
        "packages": _packages(text, files, [service.command for service in wanted]),
        "python": platform.python_version(),
        "cluster": [provider.name, state.versions()] if provider else [],
    }
    return _hash(facts, files)


def of_labs(specs: Iterable[Spec]) -> dict[str, str]:
    """The hash of each of these labs as they are now, by its stem."""
    once = functools.cache(below)  # many name the same folders
    return {spec.stem: of_lab(spec, once) for spec in specs}


def of_test(path: Path, below: Below = below) -> str:
    """A hash over everything that decides whether a test file passes.

    Who works in a miniature checkout runs the whole engine. All pins count for every test.
    """
    whole = re.search(r"\b(?:mini|checkout|Mini|-m\b)", path.read_text(encoding="utf-8"))
    above = {file for folder in path.parents for file in folder.glob("conftest.py")}
    places = [ROOT / place for place in BESIDE]
    # It has what some tests need. It counts for all, with its plugins; what these lead to does not.
    first = ROOT / "tests" / "conftest.py"
    shared = {first, *sources.named(first, places)} if first in above else set()
    near = sources.beside({path, *above}, places, first)
    ours = sources.closure(sources.imports(near))
    modules = set(sources.PACKAGE.rglob("*.py")) if whole else ours
    folders = sources.folders(near) | {"requirements.txt"}
    folders |= {p for p in sources.folders(modules) if p}
    data = [p for p in sources.PACKAGE.rglob("*") if p.suffix in (".yml", ".json", ".toml")]
    files = [*near, *shared, *modules, *data, *_files(folders, below)]
    return _hash({"python": platform.python_version()}, files)


def _started(text: str) -> list[str]:
    """Services that the cells start themselves, or that the lab starts for them."""
    inside = (sources.PACKAGE / "lab" / "lab.py").read_text(encoding="utf-8")
    return STARTED.findall(text + inside)


def _modules(text: str, commands: Iterable[str], *, cluster: bool) -> set[Path]:
    """Ours, without those of the cluster for a lab that has nothing from there."""
    said = [sources.read(line) for line in _python(text)]
    roots = [name for source in said for name in source.imports]
    roots += [*ENGINE, *(name for line in commands for name in sources.DOTTED.findall(line))]
    return sources.closure(roots, follow=lambda name: cluster or ".cluster" not in name)


def _python(text: str) -> Iterable[str]:
    """The lines that import something: magics keep the rest of a cell from being parsed."""
    for line in text.splitlines():
        if re.match(r"\s*(?:import|from)\s", line):
            try:
                compile(line.strip(), "cell", "exec")
            except SyntaxError:
                continue
            yield line.strip()


def _folders(spec: Spec, modules: set[Path], *, cluster: bool) -> set[str]:
    """The folders that the modules name; of the steps of `prepare`, those that the lab takes.

    Without a cluster, what it is made of does not count, but what our services take from there.
    """
    found = sources.folders(modules - {PREPARE})
    for step in spec.prepare:
        found |= sources.of_function(PREPARE, step).paths
    places = ("labs", "kind-cluster" if cluster else "kind-cluster/platform/")
    return {path for path in found if path.startswith(places) and path != "labs/interview"}


def _sums(programs: Iterable[str]) -> set[str]:
    """The folders with what these programs are built from."""
    found = (f"kind-cluster/build/{component(name).of or name}" for name in programs)
    return {path for path in found if (ROOT / path).is_dir()}


def _packages(text: str, files: Iterable[Path], commands: Iterable[str]) -> dict[str, str]:
    """The pins below what is imported or called by name, in the cells and in what they use."""
    imported = sources.packages(file for file in files if file.suffix == ".py")
    imported |= {n for line in _python(text) for n in sources.foreign(sources.read(line).imports)}
    called = {word for said in [text, *commands] for word in sources.WORD.findall(said)}
    called |= {word for file in files if file != PREPARE for word in sources.words(file)}
    owners = pins.owners()
    names = [(owners["module"], name) for name in imported]
    names += [(owners["program"], name) for name in called]
    return pins.below([*KERNEL, *(one for known, name in names for one in known.get(name, ()))])


def _files(folders: Iterable[str], below: Below) -> list[Path]:
    """Every file below these, without what `lab` made in the checkout."""
    found = [path for name in folders for path in below(ROOT / name)]
    return [path for path in found if "__pycache__" not in path.parts]


def _hash(facts: Any, files: Iterable[Path]) -> str:
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, path in sorted((_name(path), path) for path in set(files)):
        digest.update(f"{name} {_content(path)}\n".encode())
    return digest.hexdigest()


def join(fingerprint: str, *files: Path) -> str:
    """One over the fingerprint and these files."""
    return _hash(fingerprint, files)


def _content(path: Path) -> str:
    try:
        state = path.stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except FileNotFoundError:  # an editor's file, which was there for a moment
        return ""


@functools.cache
def _read(path: Path, modified: int, size: int) -> str:
    """The content's hash, read once as long as it is the same file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _name(path: Path) -> str:
    """The same in another checkout, wherever the engine is."""
    root = sources.PACKAGE.parent if path.is_relative_to(sources.PACKAGE) else ROOT
    return path.relative_to(root).as_posix()
