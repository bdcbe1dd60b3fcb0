"""`lab bench`: the same notebooks executed in different ways, turn by turn, several rounds."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from mlops_lab.book import assemble
from mlops_lab.cluster.providers import current
from mlops_lab.core.errors import LabError, Usage
from mlops_lab.core.files import publish
from mlops_lab.core.locks import held
from mlops_lab.core.paths import BUILD, LOGS, NOTEBOOKS, STATE
from mlops_lab.core.terminal import unbroken
from mlops_lab.core.text import tail
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec
from mlops_lab.lab.entry import enter
from mlops_lab.runs import report
from mlops_lab.runs.session import LOCK

FOLDER = STATE / "bench"
RESULT = BUILD / "bench.json"
BIN = Path(sys.prefix) / "bin"
# The commands that execute these labs in the current folder.
Way = Callable[[Sequence[str]], list[list[str]]]


def bench(specs: Sequence[Spec], rounds: int) -> None:
    """Time every way `rounds` times, print the table and write build/bench.json.

    The ways take turns within a round, so that a machine that slows down slows all of them. None
    times the getting of programs, nor a lab that lacks one.

    Raises:
        Usage: a lab has cells for a cluster and none is up. Only `lab run` leaves those out.
        LabError: one of the ways failed; the end of its log is in the message.
    """
    if with_cells := [spec.stem for spec in specs if spec.cluster and not current()]:
        raise Usage(f"needed by cells of {', '.join(with_cells)}: a cluster; ./lab cluster up")
    console, lacking = unbroken(), enter(specs)
    for stem, why in lacking.items():
        console.print(f"left out: {stem}: {why}", soft_wrap=True)
    labs = [spec.stem for spec in specs if spec.stem not in lacking]
    if not labs:
        raise Usage("no lab is left to time")
    took: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds):
        for name, way in WAYS.items():
            took[name].append(_time(name, way, labs))
            console.print(f"round {number + 1} of {rounds}: {name} {took[name][-1]:.1f} s")
    ours = took["lab run"]
    rows = [
        {
            "way": name,
            "seconds": [round(s, 2) for s in times],
            "median": round(statistics.median(times), 2),
            "ratio": [round(t / o, 2) for t, o in zip(times, ours, strict=True)],
        }
        for name, times in took.items()
    ]
    BUILD.mkdir(exist_ok=True)
    publish(RESULT, json.dumps({**report.stamp(), "labs": labs, "ways": rows}, indent=2) + "\n")
    console.print(_table(rows))


def _time(name: str, way: Way, labs: Sequence[str]) -> float:
    """Seconds that the way takes; copying the notebooks for it is not counted."""
    with held(LOCK, "lab run"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        (FOLDER / "notebooks").mkdir(parents=True)
        for stem in labs:
            shutil.copy(NOTEBOOKS / f"{stem}.ipynb", FOLDER / "notebooks")
        commands = way(labs)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "bench.log"
    with log.open("wb") as output:
        began = time.monotonic()
        for command in commands:
            if subprocess.run(command, cwd=FOLDER, stdout=output, stderr=output).returncode:
                raise LabError(f"bench: {name} failed: {' '.join(command)}\n{tail(log, 30)}")
        return time.monotonic() - began


def _copies(labs: Sequence[str]) -> list[str]:
    return [f"notebooks/{stem}.ipynb" for stem in labs]


def _lab_run(labs: Sequence[str]) -> list[list[str]]:
    return [[sys.executable, "-m", "mlops_lab", "run", "--no-book", *labs]]


def _papermill(labs: Sequence[str]) -> list[list[str]]:
    quiet = ["--no-progress-bar", "--log-level", "ERROR"]
    return [[str(BIN / "papermill"), *quiet, path, path] for path in _copies(labs)]


def _nbconvert(labs: Sequence[str]) -> list[list[str]]:
    options = ["nbconvert", "--to", "notebook", "--execute", "--inplace"]
    return [[str(BIN / "jupyter"), *options, *_copies(labs)]]


def _nbmake(labs: Sequence[str]) -> list[list[str]]:
    options = ["--nbmake", "-n", "2", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    return [[sys.executable, "-m", "pytest", *options, "--rootdir=.", *_copies(labs)]]


def _jupyter_book(labs: Sequence[str]) -> list[list[str]]:
    """The book's own execution: the same pages, and the building of them, which it cannot leave."""
    source = FOLDER / "source"
    shutil.copytree(assemble.assemble(), source)
    config = source / "_config.yml"
    text = config.read_text(encoding="utf-8")
    without = [f"notebooks/{stem}.ipynb" for stem in catalog.stems() if stem not in labs]
    forced = f'execute_notebooks: "force"\n  exclude_patterns: {json.dumps(without)}'
    config.write_text(text.replace('execute_notebooks: "off"', forced))
    return [[str(BIN / "jupyter-book"), "build", "-q", "-W", str(source)]]


WAYS: dict[str, Way] = {
    "lab run": _lab_run,
    "papermill, one after the other": _papermill,
    "nbconvert --execute": _nbconvert,
    "nbmake -n 2": _nbmake,
    "Jupyter Book's execution": _jupyter_book,
}


def _table(rows: list[dict[str, object]]) -> Table:
    table = Table(box=None, title="seconds of wall time, and how many times lab run's")
    for column in ("way", "min", "median", "max", "ratio (min to max)"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for row in rows:
        times, ratio = row["seconds"], row["ratio"]
        assert isinstance(times, list)
        assert isinstance(ratio, list)
        numbers = [f"{n:.1f}" for n in (min(times), statistics.median(times), max(times))]
        spread = f"{statistics.median(ratio):.2f} ({min(ratio):.2f} to {max(ratio):.2f})"
        table.add_row(str(row["way"]), *numbers, spread)
    return table
