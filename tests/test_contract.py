"""What every lab's notebook keeps: see CONTRIBUTING.md, "Add a lab"."""

import base64
import json
import re
import statistics
from collections import Counter
from typing import Any

import pytest

from conftest import ROOT
from mlops_lab.book import notebooks, shown
from mlops_lab.cluster.providers import providers
from mlops_lab.interview import bank
from mlops_lab.lab import catalog
from mlops_lab.lab.cells import needs_cluster
from mlops_lab.runs import report
from mlops_lab.services.definitions import catalog as services
from mlops_lab.toolchain.versions import components

STEMS = catalog.stems()
FIRST = ("title", "objectives", "prerequisites", "at-a-glance")
LAST = ("summary", "in-the-interview", "whats-next")
LINK = re.compile(r"\]\(([\w-]+)\.ipynb[)#]")


def notebook(stem: str) -> Any:
    return notebooks.read(catalog.read(stem).path)


def code_cells(stem: str) -> list[Any]:
    return [cell for cell in notebook(stem).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("stem", STEMS)
def test_every_command_was_there(stem: str) -> None:
    """The left side of && may fail and the cell pass: then only its output tells."""
    outputs = json.dumps([cell.outputs for cell in code_cells(stem)])
    assert "command not found" not in outputs


def lines(cell: Any) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def test_every_notebook_is_in_the_table_of_contents() -> None:
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_skeleton(stem: str) -> None:
    ids = [cell.id for cell in notebook(stem).cells]
    assert tuple(ids[:4]) == FIRST
    assert tuple(ids[-3:]) == LAST
    assert "lab" in ids
    headings = [
        cell.source.splitlines()[0] for cell in notebook(stem).cells if cell.id in FIRST + LAST
    ]
    assert headings[0].startswith("# ")
    assert headings[1:] == [
        "## Objectives",
        "## Prerequisites",
        "## At a glance",
        "## Summary",
        "## In the interview",
        "## What's next",
    ]


@pytest.mark.parametrize("stem", STEMS)
def test_one_title(stem: str) -> None:
    cells = [cell for cell in notebook(stem).cells if cell.cell_type == "markdown"]
    # Of a file that is shown, such a line is a comment.
    texts = [cell.source for cell in cells if shown.KEY not in cell.metadata]
    assert sum(len(re.findall(r"^# ", text, re.MULTILINE)) for text in texts) == 1


@pytest.mark.parametrize("stem", STEMS)
def test_first_code_cell_starts_the_lab(stem: str) -> None:
    first = code_cells(stem)[0]
    assert first.id == "lab"
    assert first.source == f'from mlops_lab import Lab\n\nlab = Lab("{stem}")\nlab'


@pytest.mark.parametrize("stem", STEMS)
def test_cell_ids_name_steps(stem: str) -> None:
    ids = [cell.id for cell in notebook(stem).cells]
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{1,50}", one) for one in ids)
    assert [name for name, n in Counter(ids).items() if n > 1] == []


def commands(cell: Any) -> int:
    """How many lines begin a command: a line has 80 columns, and a typed command may need two."""
    own = [line for line in lines(cell) if not line.startswith(("%%", "#"))]
    ends = (line.rstrip() for line in ["", *own])
    open_end = ("\\", "|", "&&", ",", "(", "[", "{")
    return sum(not end.endswith(open_end) for end, _ in zip(ends, own, strict=False))


@pytest.mark.parametrize("stem", STEMS)
def test_code_cells_are_short(stem: str) -> None:
    assert max(len(lines(cell)) for cell in code_cells(stem)) <= 20
    assert statistics.median(map(commands, code_cells(stem))) <= 4


@pytest.mark.parametrize("stem", STEMS)
def test_claims_are_checked(stem: str) -> None:
    """Most cells assert something, or print what nbval compares with what was recorded."""
    free = "nbval-ignore-output"
    checked = [
        cell
        for cell in code_cells(stem)
        if "assert" in cell.source or (cell.outputs and free not in cell.metadata.get("tags", ()))
    ]
    assert len(checked) >= 2 / 3 * len(code_cells(stem))


@pytest.mark.parametrize("stem", STEMS)
def test_no_sleeps(stem: str) -> None:
    assert not any(re.search(r"\bsleep\b", cell.source) for cell in code_cells(stem))


STREAM = r"\b(gh|act|dvc|git log|kubectl logs)\b.*\|\s*(head\b|grep\s+-\w*[qm])"


@pytest.mark.parametrize("stem", STEMS)
def test_what_writes_line_by_line_is_read_to_its_end(stem: str) -> None:
    """A reader that stops early ends the writer by SIGPIPE, now and then, and so the cell."""
    for cell in code_cells(stem):
        pipes = re.sub(r"\\\n|(?<=\|)\n", " ", cell.source)
        assert not re.search(STREAM, pipes), cell.id


# Each shows that this wait is over before it begins.
AT_ONCE = {"05b-delivery/sleep-trap", "08-argocd/trap"}


@pytest.mark.parametrize("stem", STEMS)
def test_no_wait_has_a_limit_of_its_own(stem: str) -> None:
    """Without one kubectl gives up after 30 seconds, which a busy machine may need."""
    for cell in code_cells(stem):
        assert not re.search(r"(--timeout|--max-time|timeout)[= ]\d", cell.source), cell.id
        waits = len(
            re.findall(r"kubectl wait|kubectl\(f?\"wait|\"wait\"|rollout status", cell.source)
        )
        limits = len(
            re.findall(r"--timeout=(?:\$PATIENCE|\{os.environ\['PATIENCE'\]\})", cell.source)
        )
        assert waits <= limits or f"{stem}/{cell.id}" in AT_ONCE, cell.id


@pytest.mark.parametrize("stem", STEMS)
def test_needed_services_exist(stem: str) -> None:
    assert set(catalog.read(stem).services) <= set(services())


@pytest.mark.parametrize("stem", STEMS)
def test_links_lead_to_labs_that_exist(stem: str) -> None:
    text = "\n".join(cell.source for cell in notebook(stem).cells if cell.cell_type == "markdown")
    assert set(LINK.findall(text)) <= set(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_pictures_are_small_and_described(stem: str) -> None:
    for cell in code_cells(stem):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                assert len(base64.b64decode(data["image/png"])) <= 100_000
                assert len(data["text/plain"]) >= 40, f"{cell.id}: alt text"
                assert not data["text/plain"].startswith("<")


@pytest.mark.parametrize("stem", STEMS)
def test_recorded_in_normal_form(stem: str) -> None:
    """A recording that is not what `lab record` writes was edited by hand, or is stale."""
    spec = catalog.read(stem)
    before = spec.path.read_text()
    again = notebooks.normalize(notebook(stem), spec, spec.stamp)
    assert notebooks.text(again) == before


@pytest.mark.parametrize("stem", STEMS)
def test_stamp(stem: str) -> None:
    """It says when and with what. That need not be what is pinned now: see stamps.py."""
    spec = catalog.read(stem)
    stamp = spec.stamp
    assert set(stamp) - {"cluster"} == {
        "date", "profile", "machine", "versions",
        "seconds", "seconds_outside_cells", "peak_memory_bytes",
    }  # fmt: skip
    assert ("cluster" in stamp) == spec.cluster == any(map(needs_cluster, code_cells(stem)))
    assert set(stamp["versions"]) == {"python", *report.SHOWN_VERSIONS}
    assert all(re.match(r"\d+\.\d+", version) for version in stamp["versions"].values())


@pytest.mark.parametrize("stem", [stem for stem in STEMS if catalog.read(stem).cluster])
def test_cluster_stamp(stem: str) -> None:
    """It says on what the cluster cells were recorded."""
    stamp = catalog.read(stem).stamp["cluster"]
    assert set(stamp) == {"date", "provider", "versions"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", stamp["date"])
    assert stamp["provider"] in providers()
    assert set(stamp["versions"]) <= set(components())
    assert {"kubernetes", "kserve", "argo-cd"} <= set(stamp["versions"])


@pytest.mark.parametrize("stem", STEMS)
def test_every_code_cell_was_run(stem: str) -> None:
    counts = [cell.execution_count for cell in code_cells(stem)]
    assert counts == list(range(1, len(counts) + 1))
    assert not any(o.output_type == "error" for c in code_cells(stem) for o in c.outputs)


@pytest.mark.parametrize("stem", STEMS)
def test_outputs_are_short_and_name_no_machine(stem: str) -> None:
    notebooks.check_recording(notebook(stem), stem)
    for cell in code_cells(stem):
        text = "".join(o.get("text", "") for o in cell.outputs)
        assert len(text.splitlines()) <= 40, cell.id
        assert not re.search(r"/(root|home/\w+|Users/\w+|tmp/[\w-]{8,})/", text), cell.id


def test_few_cells_ignore_their_output() -> None:
    cells = [cell for stem in STEMS for cell in code_cells(stem)]
    loose = ("nbval-ignore-output", "nbval-skip", "raises-exception")
    tagged = [c.id for c in cells if set(loose) & set(c.metadata.get("tags", ()))]
    assert len(tagged) < 0.05 * len(cells), tagged


def test_every_lab_has_questions() -> None:
    for stem in STEMS:
        assert len(bank.for_lab(stem)) >= 5, stem
