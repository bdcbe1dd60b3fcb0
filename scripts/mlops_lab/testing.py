"""What `lab test` does: one pytest over everything, with the notebooks' services shared."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from mlops_lab import catalog
from mlops_lab.cluster import access
from mlops_lab.entry import obtain
from mlops_lab.notebooks import SANITIZERS
from mlops_lab.paths import NOTEBOOKS, ROOT, STATE
from mlops_lab.workspace import remove_leftovers

NBVAL = (
    "-p",
    "mlops_lab.nbval_cluster",
    "--nbval",
    f"--nbval-sanitize-with={SANITIZERS}",
    "--nbval-cell-timeout=300",
)
SPREAD = ("-n", "2", "--dist", "loadfile")


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest and return its exit status.

    Without arguments that name files, everything is tested.
    """
    named = [a for a in arguments if os.path.exists(a.split("::")[0])]
    targets = [] if named else ["tests", str(NOTEBOOKS.relative_to(ROOT))]
    command = [sys.executable, "-m", "pytest", *SPREAD, *NBVAL, *targets, *arguments]
    specs = catalog.select(None)  # a broken notebook is named before anything starts
    if _has_notebooks(named):
        obtain(specs)  # here, where one sees that it takes a while; `nbval_cluster` skips labs
    # Not masked here: the tests of the set-up need the package registry. Labs mask themselves.
    own = {"IPYTHONDIR": str(STATE / "ipython"), "JUPYTER_RUNTIME_DIR": str(STATE / "jupyter")}
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}).returncode
    finally:
        remove_leftovers(access.forget)  # nbval kills its kernels, so their labs cannot clean up


def _has_notebooks(named: Sequence[str]) -> bool:
    paths = [Path(one.split("::")[0]).resolve() for one in named]
    return not named or any(NOTEBOOKS in (path, *path.parents) for path in paths)
