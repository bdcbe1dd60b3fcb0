"""Build the book with Jupyter Book, every warning an error."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from mlops_lab.book.assemble import assemble
from mlops_lab.book.tables import stack
from mlops_lab.core.environment import masked
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import BUILD, HTML, LOGS, STATE
from mlops_lab.core.text import tail
from mlops_lab.interview import anki, bank

TOGGLE = '<summary><span class="toctree-toggle"'


def build(builder: str = "html") -> Path:
    """Write the pages to build/book/_build/html, or with another of Sphinx's builders beside it.

    Raises:
        LabError: Jupyter Book found something wrong; all of it is in the message.
    """
    source = assemble()
    log = LOGS / "book.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [os.path.join(sys.prefix, "bin", "jupyter-book"), "build", str(source)]
    command += ["--path-output", str(BUILD / "book"), "-W", "-n", "--keep-going", "-q"]
    command += ["--builder", builder]
    environment = {**masked(), "JUPYTER_RUNTIME_DIR": str(STATE / "jupyter")}
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
    if done.returncode:
        raise LabError(f"the book does not build\n{tail(log, 40)}")
    pages = HTML.with_name(builder)
    # Sphinx copies none while no page has changed.
    shutil.copytree(source / "book" / "static", pages / "_static", dirs_exist_ok=True)
    # A page shows its diagram, and leads to it in full size.
    pictures = shutil.ignore_patterns("*.d2")
    diagrams = Path("book", "diagrams")
    shutil.copytree(source / diagrams, pages / diagrams, ignore=pictures, dirs_exist_ok=True)
    anki.write(pages / "book" / anki.FILE, bank.topics())
    for page in pages.rglob("*.html"):
        _finish(page)
    return pages


def _finish(page: Path) -> None:
    """What the theme leaves out: names of wide tables' columns, and of what opens a chapter's
    pages in the sidebar, which is a picture."""
    text = page.read_text(encoding="utf-8")
    done = stack(text.replace(TOGGLE, TOGGLE.replace(">", ' aria-label="Pages of this chapter">')))
    if done != text:
        page.write_text(done, encoding="utf-8")
