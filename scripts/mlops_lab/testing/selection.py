"""A plugin for pytest: remembers which files passed as they are now, and can leave those out."""

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.book.notebooks import SANITIZERS
from mlops_lab.core.paths import NOTEBOOKS, ROOT
from mlops_lab.lab.catalog import read
from mlops_lab.runs import changes

LEFT_OUT = pytest.StashKey[list[str]]()


def fingerprints(paths: Iterable[Path]) -> dict[str, str]:
    """For each of these test files and notebooks everything that decides whether it passes."""
    below = functools.cache(changes.below)  # many name the same folders
    return {path.relative_to(ROOT).as_posix(): _fingerprint(path, below) for path in paths}


def _fingerprint(path: Path, below: changes.Below) -> str:
    if path.suffix != ".ipynb":
        return changes.of_test(path, below)
    return changes.join(changes.of_lab(read(path.stem), below), path, SANITIZERS)


class Selection:
    """What passed, by the name of its file in the checkout."""

    def __init__(self, config: pytest.Config) -> None:
        # A part of a file that passes says nothing about the file.
        options = config.option
        self._whole = not (options.keyword or options.markexpr or "::" in " ".join(config.args))
        wanted = _named(config) if self._whole or options.lab_changed else []
        # Now, not at the end: what is changed meanwhile has not been tested.
        self._prints = fingerprints(wanted)
        self._outcomes: dict[str, set[str]] = {}

    def unchanged(self) -> list[str]:
        """The files that have passed as they are."""
        return [name for name, now in self._prints.items() if not changes.since_passed(name, now)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what became of the tests of each file."""
        self._outcomes.setdefault(report.nodeid.partition("::")[0], set()).add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Remember the files that passed as a whole, and forget those that did not.

        What was skipped here may run tomorrow; for a lab's cells the fingerprint knows that.
        """
        for name, outcomes in self._outcomes.items():
            fine = outcomes <= ({"passed", "skipped"} if name.endswith("ipynb") else {"passed"})
            if not fine or self._whole:
                changes.note(name, self._prints.get(name) if fine else None)


def tested() -> list[Path]:
    """Every test file and notebook."""
    return [*sorted((ROOT / "tests").rglob("test_*.py")), *sorted(NOTEBOOKS.glob("*.ipynb"))]


def _named(config: pytest.Config) -> list[Path]:
    """Those of them that pytest was told to run."""
    here = config.invocation_params.dir
    told = {(here / argument.partition("::")[0]).resolve() for argument in config.args}
    return [path for path in tested() if told & {path, *path.parents}]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --lab-changed, which `lab test --changed` sets."""
    parser.addoption("--lab-changed", action="store_true", help="leave out what passed as it is")


def pytest_configure(config: pytest.Config) -> None:
    """One process keeps the notes: the one that people started, not its workers."""
    if not hasattr(config, "workerinput"):
        selection = Selection(config)
        config.pluginmanager.register(selection, "lab-selection")
        config.stash[LEFT_OUT] = selection.unchanged() if config.option.lab_changed else []
    else:
        config.stash[LEFT_OUT] = config.workerinput["lab_left_out"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell xdist's workers what to leave out."""
    node.workerinput["lab_left_out"] = node.config.stash[LEFT_OUT]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a file that has passed as it is now."""
    names = {str(ROOT / name) for name in config.stash[LEFT_OUT]}
    return True if str(collection_path) in names else None
