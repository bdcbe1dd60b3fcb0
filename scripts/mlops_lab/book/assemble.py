"""Lay out the book's source under build/: prose as it is, notebooks and generated pages filled in.

A file is written only when its content changed, so that a second build reads only what it must.
"""

import html
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from mlops_lab.book import audit_page, exercises, notebooks, questions, terms
from mlops_lab.book.report_page import report_page
from mlops_lab.core.paths import BOOK, BUILD, EXECUTED, NOTEBOOKS, REPORT, ROOT
from mlops_lab.interview import bank
from mlops_lab.lab import catalog
from mlops_lab.lab.cells import headings, needs_cluster

SOURCE = BUILD / "book" / "source"
# Cells that the engine writes.
OWN = (notebooks.GLANCE, notebooks.INTERVIEW)
PICTURE = re.compile(r"^!\[([^\]]+)\]\((\S+\.svg)\)$", re.MULTILINE)


def assemble() -> Path:
    """Write the whole source and return its folder; what is no longer part of it goes away."""
    files: dict[str, bytes] = {}
    for name in ("_config.yml", "_toc.yml"):
        files[name] = (ROOT / name).read_bytes()
    for path in BOOK.rglob("*"):
        if path.is_file():
            files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    for topic in bank.topics():
        files[f"book/questions/{topic.topic}.md"] = questions.page(topic).encode()
    files["book/audit.md"] = audit_page.page().encode()
    files["book/report.md"] = report_page(_report(), catalog.select(None)).encode()
    for stem in catalog.stems():
        files[f"notebooks/{stem}.ipynb"] = page(stem).encode()
    for path in SOURCE.rglob("*"):
        if path.is_file() and path.relative_to(SOURCE).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        _write(SOURCE / name, content)
    return SOURCE


def page(stem: str) -> str:
    """A lab's notebook as the book shows it: answers opened up, cells that are evidence named."""
    notebook = notebooks.read(latest(stem))
    proven = {c.cell for e in bank.entries() for c in bank.cells(e) if c.lab == stem}
    used, labeled = notebook.metadata["lab"].get("stamp", {}).get("cluster"), ""
    cells: list[Any] = []
    for cell, heading in zip(notebook.cells, headings(notebook), strict=True):
        # Once in each step: where outputs come from that this reader's machine may not have made.
        if used and heading != labeled and needs_cluster(cell):
            labeled = heading
            cells.append(_cluster_label(used, f"cluster-{len(cells)}"))
        if cell.id == notebooks.INTERVIEW:
            cell.source = questions.section(stem)
        elif cell.id == notebooks.GLANCE:
            cell.source = cell.source.replace("| Profiles |", "| [Profiles](#profiles) |")
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                cell.metadata["mystnb"] = {"image": {"alt": output.data["text/plain"]}}
        if cell.id in proven:
            name = questions.label(bank.Cell(lab=stem, cell=cell.id))
            target = nbformat.v4.new_markdown_cell(f"({name})=", id=f"at-{cell.id}"[:64])
            cells.append(target)
        if exercises.is_exercise(cell):
            exercises.fold(cell)
        cells.append(cell)
    prose = [cell for cell in cells if cell.cell_type == "markdown" and cell.id not in OWN]
    for cell, text in zip(prose, terms.link(cell.source for cell in prose), strict=True):
        cell.source = PICTURE.sub(_picture, text)
    notebook.cells = cells
    # Without it, magics such as %%bash are taken for broken Python.
    notebook.metadata["language_info"]["pygments_lexer"] = "ipython3"
    return str(nbformat.writes(notebook, version=4))


def _picture(match: re.Match[str]) -> str:
    """A diagram, which has its own colors for a dark page: the theme must not dim it."""
    return f'<img src="{match[2]}" alt="{html.escape(match[1])}" class="dark-light">'


def _cluster_label(used: Mapping[str, Any], name: str) -> Any:
    where = f"{used['provider']}, Kubernetes {used['versions']['kubernetes']}"
    text = f"*On a cluster ({where}), {used['date']} UTC:*"
    return nbformat.v4.new_markdown_cell(text, id=name)


def latest(stem: str) -> Path:
    """The copy that the last run executed if it is of the committed cells, else the committed."""
    committed, executed = NOTEBOOKS / f"{stem}.ipynb", EXECUTED / f"{stem}.ipynb"
    try:
        if _sources(committed) == _sources(executed) and "stamp" in _lab(executed):
            return executed
    except (OSError, ValueError, KeyError):
        pass
    return committed


def _lab(path: Path) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["metadata"]["lab"]
    return metadata


def _sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def _report() -> dict[str, Any] | None:
    try:
        report: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))
        return report
    except (OSError, ValueError):
        return None


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def remove() -> None:
    """Remove the built book and its source."""
    shutil.rmtree(BUILD / "book", ignore_errors=True)
