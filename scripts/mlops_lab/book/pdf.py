"""The whole book as one PDF: all pages on one, printed by Chromium, which writes bookmarks."""

import re
import tempfile
from pathlib import Path

from mlops_lab.book.build import build
from mlops_lab.book.questions import AGAIN
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import BUILD
from mlops_lab.core.process import attempt
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain import programs

PDF = BUILD / "book" / "mlops-interview-lab.pdf"
HEAD = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>MLOps Interview Lab</title>
<link rel="stylesheet" href="_static/pygments.css"><link rel="stylesheet" href="_static/page.css">
<link rel="stylesheet" href="_static/print.css">
"""
SECOND = re.compile(
    rf'<details class="[^"]*\b{AGAIN}\b.*?<summary.*?>(.*?)</summary>.*?</details>', re.DOTALL
)
SIGN = re.compile(r'<a class="headerlink".*?</a>')
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip


def write() -> Path:
    """Build the book on one page and print it; returns the file.

    Raises:
        LabError: there is no Chromium, or it did not print.
    """
    chromium = programs.program("chromium")
    root = build("singlehtml")
    text = (root / "book" / "index.html").read_text(encoding="utf-8")
    # Where Sphinx's addresses on that page are right.
    page = root / "print.html"
    page.write_text(printable(text), encoding="utf-8")
    printed(chromium, page, PDF)
    return PDF


def printable(text: str) -> str:
    """The page's article alone: nothing folded, each answer once, no signs in the bookmarks."""
    article = text[text.index("<article") : text.index("</article>")]
    article = SECOND.sub(r"<div>\1</div>", article)
    return HEAD + SIGN.sub("", article).replace("<details", "<details open")


def printed(chromium: Path, page: Path, pdf: Path) -> None:
    """Print a page from disk.

    Raises:
        LabError: nothing was printed; what Chromium said is in the message.
    """
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        command = [str(chromium), *OPTIONS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}"]
        done = attempt(*command, page.as_uri(), limit=LIMIT)
    if done.returncode or not pdf.exists():
        raise LabError(f"Chromium printed nothing\n{done.stderr.strip()}")
