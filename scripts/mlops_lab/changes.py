"""Which labs changed since they last passed: for `lab run --changed`."""

import hashlib
import json
from pathlib import Path

from mlops_lab.catalog import Spec
from mlops_lab.cluster.provider import current
from mlops_lab.paths import CACHE, CLUSTER, INTERVIEW, LABS, ROOT

NOTES = CACHE / "passed.json"


def since_passed(spec: Spec) -> bool:
    """Whether the lab has never passed here, or something it depends on differs since."""
    return _notes().get(spec.stem) != fingerprint(spec)


def note(spec: Spec, passed: bool) -> None:
    """Remember that the lab passed as it is now, or forget that it ever did."""
    notes = _notes()
    notes.pop(spec.stem, None)
    if passed:
        notes[spec.stem] = fingerprint(spec)
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    NOTES.write_text(json.dumps(notes, indent=1), encoding="utf-8")


def fingerprint(spec: Spec) -> str:
    """A hash over the notebook's sources and everything that any lab may read."""
    cells = json.loads(spec.path.read_text(encoding="utf-8"))["cells"]
    digest = hashlib.sha256(json.dumps([cell["source"] for cell in cells]).encode())
    engine = (p for p in (ROOT / "scripts").rglob("*") if p.suffix in (".py", ".yml"))
    read = [path for path in _files(LABS) if INTERVIEW not in path.parents]
    if spec.cluster:
        # Passed without a cluster is not passed with one.
        digest.update(getattr(current(), "name", "none").encode())
        read += _files(CLUSTER)
    for path in sorted([ROOT / "requirements.txt", *engine, *read]):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _notes() -> dict[str, str]:
    try:
        notes: dict[str, str] = json.loads(NOTES.read_text(encoding="utf-8"))
        return notes
    except (OSError, ValueError):
        return {}
