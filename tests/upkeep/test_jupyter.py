"""`lab open`: JupyterLab on a copy, the lab's services up, both gone after Ctrl-C."""

import contextlib
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

from conftest import Mini
from mlops_lab.book import notebooks
from mlops_lab.core.waiting import LIMIT, until
from mlops_lab.upkeep.jupyter import copies

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def answers(url: str) -> bool:
    """Whether the page is there; JupyterLab prints its address a moment before it listens."""
    with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(url) as answer:
        return answer.status == 200
    return False


def test_open_serves_a_copy_and_ends_with_its_services(mini: Mini) -> None:
    path = mini.lab("01-one", "print(1)", services=("tiny",))
    before = path.read_bytes()
    with mini.start("open", "01", "--no-browser") as process:
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if found := re.search(
                r"http://127\.0\.0\.1:\d+/lab/tree/notebooks/01-one\.ipynb\?token=\w+", line
            ):
                break
        until("JupyterLab", lambda: answers(found.group()), alive=lambda: process.poll() is None)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert "tiny" in told
    assert "your copy: .lab/open/notebooks/01-one.ipynb" in told
    assert mini.none_left()
    assert path.read_bytes() == before
    assert notebooks.read(mini.root / ".lab/open/notebooks/01-one.ipynb") == notebooks.read(path)


def test_every_link_of_a_copy_leads_somewhere(tmp_path: Path) -> None:
    copies(tmp_path)
    links = [
        (path.name, link)
        for path in (tmp_path / "notebooks").glob("*.ipynb")
        for cell in notebooks.read(path).cells
        if cell.cell_type == "markdown"
        for link in LINK.findall(cell.source)
    ]
    assert any(link.endswith("book/audit.md") for _, link in links)
    assert not [(lab, to) for lab, to in links if not (tmp_path / "notebooks" / to).exists()]
