"""What `lab test` does: one pytest over everything, with the notebooks' services shared."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from mlops_lab.book.notebooks import SANITIZERS
from mlops_lab.cluster import access
from mlops_lab.core import environment
from mlops_lab.core.errors import Interrupted
from mlops_lab.core.ownership import claim
from mlops_lab.core.paths import NOTEBOOKS, ROOT
from mlops_lab.core.waiting import CELL_LIMIT, LIMIT
from mlops_lab.lab import catalog
from mlops_lab.lab.entry import obtain
from mlops_lab.lab.workspace import remove_leftovers

NBVAL = (
    # What else is installed has plugins, too: to import them takes each pytest a second.
    "--disable-plugin-autoload",
    *("-p", "timeout", "-p", "nbval"),
    "-p",
    "mlops_lab.testing.judging",
    "-p",
    "mlops_lab.testing.selection",
    f"--nbval-sanitize-with={SANITIZERS}",
    f"--nbval-cell-timeout={CELL_LIMIT:.0f}",
    f"--nbval-kernel-startup-timeout={LIMIT:.0f}",
)
SPREAD = (
    *("-p", "xdist"),
    "-p",
    "mlops_lab.testing.spreading",
    "-p",
    "mlops_lab.testing.telling",
    # One more than the cores of a small machine: tests also wait, for programs that start or end.
    *("-n", "3", "--dist", "loadscope", "--no-loadscope-reorder"),
    # Shown at the end, so that everyone sees where the minutes go.
    *("--durations=15", "--durations-min=5"),
)


def run_tests(arguments: Sequence[str], *, changed: bool = False) -> int:
    """Run pytest and return its exit status.

    Without arguments that name files, everything is tested; with `changed`, without the files
    that have passed as they are now. Nothing left to test is as good as passed.
    """
    claim()
    # In the checkout, wherever this is called from: pytest runs there.
    named = [a for a in arguments if (ROOT / a.split("::")[0]).exists()]
    targets = [] if named else ["tests", str(NOTEBOOKS.relative_to(ROOT))]
    command = [sys.executable, "-m", "pytest", *SPREAD, *NBVAL, *targets, *arguments]
    command += ["--lab-changed"] if changed else []
    specs = catalog.select(None)  # a broken notebook is named before anything starts
    if _has_notebooks(named):
        obtain(specs)  # here, where one sees that it takes a while; `judging` skips labs
    # Not that of labs: the tests of the set-up need the package registry. Labs mask themselves.
    began = time.monotonic()
    try:
        status = _run(command)
        return 0 if changed and status == pytest.ExitCode.NO_TESTS_COLLECTED else status
    finally:
        print(f"lab test: {time.monotonic() - began:.0f} s")
        remove_leftovers(access.forget)  # nbval kills its kernels, so their labs cannot clean up


def _run(command: Sequence[str]) -> int:
    with subprocess.Popen(command, cwd=ROOT, env=environment.for_tests()) as tests:
        try:
            return tests.wait()
        except Interrupted:
            tests.terminate()  # and wait until it has told which tests were running
            raise


def _has_notebooks(named: Sequence[str]) -> bool:
    paths = [Path(one.split("::")[0]).resolve() for one in named]
    return not named or any(NOTEBOOKS in (path, *path.parents) for path in paths)
