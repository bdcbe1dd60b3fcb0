"""The normal form of a lab's notebook, so that a diff of two recordings shows only what changed."""

import configparser
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from mlops_lab.book import shown
from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.core.paths import EXECUTED, NOTEBOOKS, ROOT
from mlops_lab.core.text import mebibytes, plain, seconds
from mlops_lab.interview.bank import for_lab
from mlops_lab.lab.catalog import Spec

GLANCE, INTERVIEW = "at-a-glance", "in-the-interview"
SANITIZERS = ROOT / "tests" / "sanitizers.cfg"
LISTED = 5  # questions in a notebook; the book's page has all, with their answers
PICTURE = 100_000  # bytes of a picture, base64 as it stands in the file


def read(path: Path) -> Any:
    """The notebook as plain dictionaries, its multi-line strings joined."""
    return nbformat.read(path, as_version=4)


def latest(stem: str) -> Path:
    """The copy that the last run executed if it passed and is of the committed text, else that."""
    committed, executed = NOTEBOOKS / f"{stem}.ipynb", EXECUTED / f"{stem}.ipynb"
    try:
        copy = read(executed)
        if _sources(copy) == _sources(read(committed)) and _passed(copy):
            return executed
    except (OSError, ValueError, KeyError):
        pass
    return committed


def _passed(copy: Any) -> bool:
    """Whether it has been executed to its end."""
    metadata = copy.metadata
    return "stamp" in metadata["lab"] and not metadata.get("papermill", {}).get("exception")


def _sources(notebook: Any) -> list[str]:
    """What people wrote in it."""
    return [cell.source for cell in notebook.cells if cell.id not in (GLANCE, INTERVIEW)]


def write(path: Path, notebook: Any) -> None:
    """Write the notebook whole or not at all."""
    publish(path, text(notebook))


def text(notebook: Any) -> str:
    """The notebook as it is committed: lines split, keys sorted."""
    return f"{nbformat.writes(notebook, version=4, ensure_ascii=False, sort_keys=True)}\n"


def normalize(notebook: Any, spec: Spec, stamp: Mapping[str, Any]) -> Any:
    """Drop what differs from run to run and means nothing; fill in what the engine writes."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "lab": {**notebook.metadata["lab"], "stamp": dict(stamp)},
        "language_info": {"name": "python"},
    }
    notebook.nbformat_minor = 5
    count = 0
    for cell in notebook.cells:
        kept = ("tags", shown.KEY)
        cell.metadata = {name: cell.metadata[name] for name in kept if cell.metadata.get(name)}
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count if cell.source.strip() else None
            cell.outputs = [_output(o, cell.execution_count) for o in _merged(cell.outputs)]
    fill(notebook, spec.stem, stamp)
    return notebook


def fill(notebook: Any, stem: str, stamp: Mapping[str, Any]) -> None:
    """Write the cells that the engine owns: the glance, the questions, and the files shown."""
    for cell in notebook.cells:
        if cell.id == GLANCE and stamp:
            cell.source = glance(stamp, notebook.metadata["lab"])
        elif cell.id == INTERVIEW:
            cell.source = interview(stem)
        elif shown.KEY in cell.metadata:
            cell.source = shown.cell(cell.metadata[shown.KEY])


def glance(stamp: Mapping[str, Any], lab: Mapping[str, Any]) -> str:
    """The section "At a glance", from the last run's measurements."""
    profiles = ", ".join(lab.get("profiles", ["local"]))
    rows = {
        "Time": f"{seconds(stamp['seconds'])}, of which {seconds(stamp['seconds_outside_cells'])}"
        " is starting and stopping",
        "Peak memory": f"{mebibytes(stamp['peak_memory_bytes'])}, services included",
        "Cost on EKS": lab.get("eks_cost", "nothing: this lab needs no cluster"),
        "Profiles": profiles,
        "Run": f"{stamp['date']} UTC, profile {stamp['profile']}, {stamp['machine']}",
        "With": ", ".join(f"{name} {v}" for name, v in sorted(stamp["versions"].items())),
    }
    if used := stamp.get("cluster"):
        versions = ", ".join(f"{name} {v}" for name, v in sorted(used["versions"].items()))
        rows["Cluster"] = f"{used['date']} UTC, provider {used['provider']}, {versions}"
    table = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["## At a glance", "", "| What | Measured |", "|---|---|", *table])


def interview(stem: str) -> str:
    """The section "In the interview": the questions that this lab's cells answer."""
    asked = for_lab(stem)
    lines = [f"- {entry.question} (`{entry.id}`)" for entry in asked[:LISTED]]
    if more := len(asked) - len(lines):
        lines.append(f"- and {more} more, on the book's page of this lab")
    intro = (
        "You can now answer these, and point at the cell that proves it. The book has the answers;"
    )
    return "\n".join(["## In the interview", "", f"{intro} `./lab drill` asks them.", "", *lines])


def _merged(outputs: list[Any]) -> list[Any]:
    """Consecutive pieces of one stream are one output, as they look on the page."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _output(output: Any, count: int | None) -> Any:
    if output.output_type == "stream":
        output.text = plain(output.text)
    elif output.output_type == "execute_result":
        output.execution_count = count
    return output


@cache
def sanitizers() -> list[tuple[re.Pattern[str], str]]:
    """What legitimately differs between runs, from the file that nbval reads too."""
    config = configparser.RawConfigParser()
    config.read(SANITIZERS, encoding="utf-8")
    return [
        (re.compile(s["regex"]), s["replace"]) for s in map(config.__getitem__, config.sections())
    ]


def check_recording(notebook: Any, stem: str) -> None:
    """Refuse what must not be committed.

    Raises:
        LabError: an output names this machine's folders, or a picture is over 100 kB.
    """
    for cell in notebook.cells:
        text = json.dumps(cell.get("outputs", []), ensure_ascii=False)
        for folder in {str(ROOT), str(Path.home()), os.environ.get("HOME", str(ROOT))} - {"/"}:
            if folder in text:
                raise LabError(f"{stem}, cell {cell.id}: the output shows {folder}")
        for output in cell.get("outputs", []):
            for kind, data in output.get("data", {}).items():
                if kind.startswith("image/") and len(data) > PICTURE:
                    raise LabError(f"{stem}, cell {cell.id}: {kind} of {len(data)} bytes")


def unchanged(new: Any, old: Any) -> bool:
    """Whether a run gave what is recorded, with the same versions, but for what sanitizers erase.

    All outputs of a notebook are of one run, which the stamp names. So it is kept as a whole, or
    not at all.
    """
    return _essence(new) == _essence(old)


def _essence(notebook: Any) -> list[Any]:
    stamp = notebook.metadata["lab"].get("stamp", {})
    cluster = stamp.get("cluster", {})
    cells = [cell for cell in notebook.cells if cell.id not in (GLANCE, INTERVIEW)]
    return [
        *(stamp.get(name) for name in ("profile", "machine", "versions")),
        *(cluster.get(name) for name in ("provider", "versions")),
        *((cell.id, cell.source, *map(_erased, cell.get("outputs", []))) for cell in cells),
    ]


def _erased(output: Any) -> str:
    data = output.get("data", {})
    # Pictures of measured times are never the same twice; nbval does not compare them either.
    seen = {kind: data[kind] for kind in data if not kind.startswith("image/")}
    text = json.dumps({**output, "data": seen}, sort_keys=True, ensure_ascii=False)
    for pattern, replacement in sanitizers():
        text = pattern.sub(replacement, text)
    return text
