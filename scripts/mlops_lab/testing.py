"""What `lab test` does: one pytest over everything, with the notebooks' services shared."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from mlops_lab import catalog
from mlops_lab.cluster import access
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
SPREAD = (
    "-p",
    "mlops_lab.spreading",
    *("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"),
    # Shown at the end, so that everyone sees where the minutes go.
    *("--durations=15", "--durations-min=5"),
)


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest and return its exit status.

    Without arguments that name files, everything is tested.
    """
    named = [a for a in arguments if os.path.exists(a.split("::")[0])]
    targets = [] if named else ["tests", str(NOTEBOOKS.relative_to(ROOT))]
    command = [sys.executable, "-m", "pytest", *SPREAD, *NBVAL, *targets, *arguments]
    catalog.select(None)  # a broken notebook is named before anything starts
    # Not masked here: the tests of the set-up need the package registry. Labs mask themselves.
    own = {"IPYTHONDIR": str(STATE / "ipython"), "JUPYTER_RUNTIME_DIR": str(STATE / "jupyter")}
    began = time.monotonic()
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **own}).returncode
    finally:
        print(f"lab test: {time.monotonic() - began:.0f} s")
        remove_leftovers(access.forget)  # nbval kills its kernels, so their labs cannot clean up
