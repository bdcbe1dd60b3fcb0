"""Lay out the book's source under build/: prose as it is, notebooks and generated pages filled in.

A file is written only when its content changed, so that a second build reads only what it must.
"""

import html
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from mlops_lab.book import (
    audit_page,
    coverage,
    exercises,
    notebooks,
    plan,
    questions,
    readings_page,
    start,
    terms,
)
from mlops_lab.book.drill import page as drill
from mlops_lab.book.report_page import report_page
from mlops_lab.core.paths import BOOK, BUILD, HTML, REPORT, ROOT
from mlops_lab.interview import anki, bank
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec
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
    specs = catalog.select(None)
    files |= {name: text.encode() for name, text in generated(specs).items()} | drill.files()
    for spec in specs:
        files[f"notebooks/{spec.stem}.ipynb"] = page(spec).encode()
    for path in SOURCE.rglob("*"):
        relative = path.relative_to(SOURCE)
        if path.is_file() and relative.as_posix() not in files:
            path.unlink()
            (HTML / relative).with_suffix(".html").unlink(missing_ok=True)
    for name, content in files.items():
        _write(SOURCE / name, content)
    return SOURCE


def generated(specs: Sequence[Spec]) -> dict[str, str]:
    """The pages that are made from data: each path in the checkout, and its text."""
    pages = {f"book/questions/{t.topic}.md": questions.page(t) for t in bank.topics()}
    return pages | {
        "book/audit.md": audit_page.page(),
        "book/coverage.md": coverage.page(specs, anki.FILE),
        "book/labs.md": start.cards(specs),
        "book/plan.md": plan.page(specs),
        "book/readings.md": readings_page.page(),
        "book/report.md": report_page(_report(), specs),
    }


def page(spec: Spec) -> str:
    """A lab's notebook as the book shows it: answers opened up, cells that are evidence named."""
    notebook = notebooks.read(notebooks.latest(spec.stem))
    used = notebook.metadata["lab"].get("stamp", {}).get("cluster")
    proven = {c.cell for e in bank.entries() for c in bank.cells(e) if c.lab == spec.stem}
    cells: list[Any] = []
    labeled, step = "", list[str]()
    for cell, heading in zip(notebook.cells, headings(notebook), strict=True):
        if cell.source.startswith("## ") and cell.cell_type == "markdown":
            if links := questions.asked(spec.stem, step):
                cells.append(_markdown(links, f"asked-{len(cells)}"))
            step = []
        # Once in each step: where outputs come from that this reader's machine may not have made.
        if used and heading != labeled and needs_cluster(cell):
            labeled = heading
            cells.append(_cluster_label(used, f"cluster-{len(cells)}"))
        if cell.id in proven:
            step.append(cell.id)
            name = questions.name(bank.Cell(lab=spec.stem, cell=cell.id))
            cells.append(_markdown(name, f"at-{cell.id}"[:64]))
        _show(cell, spec)
        cells.append(cell)
    prose = [cell for cell in cells if cell.cell_type == "markdown" and cell.id not in OWN]
    for cell, text in zip(prose, terms.link(cell.source for cell in prose), strict=True):
        cell.source = PICTURE.sub(_picture, text)
    notebook.cells = cells
    # Without it, magics such as %%bash are taken for broken Python.
    notebook.metadata["language_info"]["pygments_lexer"] = "ipython3"
    return str(nbformat.writes(notebook, version=4))


def _show(cell: Any, spec: Spec) -> None:
    """Make of a cell what the book has of it."""
    if cell.id == "title":
        cell.source = cell.source.replace(spec.title, spec.name, 1)
    elif cell.id == notebooks.INTERVIEW:
        cell.source = questions.section(spec.stem)
    elif cell.id == notebooks.GLANCE:
        cell.source = cell.source.replace("| Profiles |", "| [Profiles](#profiles) |")
        cell.source = cell.source.replace(", profile ", ", [profile](#profiles) ")
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            cell.metadata["mystnb"] = {"image": {"alt": output.data["text/plain"]}}
    if exercises.is_exercise(cell):
        exercises.fold(cell)


def _picture(match: re.Match[str]) -> str:
    """A diagram, which leads to itself in full size.

    It has its own colors for a dark page: the theme must not dim it.
    """
    image = f'<img src="{match[2]}" alt="{html.escape(match[1])}" class="dark-light">'
    return f'<a href="{match[2]}">{image}</a>'


def _cluster_label(used: Mapping[str, Any], name: str) -> Any:
    where = f"{used['provider']}, Kubernetes {used['versions']['kubernetes']}"
    return _markdown(f"*On a cluster ({where}), {used['date']} UTC:*", name)


def _markdown(text: str, name: str) -> Any:
    return nbformat.v4.new_markdown_cell(text, id=name)


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
