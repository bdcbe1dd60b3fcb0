"""What `lab test` does: one pytest over everything, with the notebooks' services shared."""

import subprocess
import sys
from collections.abc import Sequence

from mlops_lab import catalog, environment
from mlops_lab.cluster import access
from mlops_lab.notebooks import SANITIZERS
from mlops_lab.paths import NOTEBOOKS, ROOT
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
    # In the checkout, wherever this is called from: pytest runs there.
    named = [a for a in arguments if (ROOT / a.split("::")[0]).exists()]
    targets = [] if named else ["tests", str(NOTEBOOKS.relative_to(ROOT))]
    command = [sys.executable, "-m", "pytest", *SPREAD, *NBVAL, *targets, *arguments]
    catalog.select(None)  # a broken notebook is named before anything starts
    # Not that of labs: the tests of the set-up need the package registry. Labs mask themselves.
    try:
        return subprocess.run(command, cwd=ROOT, env=environment.for_tests()).returncode
    finally:
        remove_leftovers(access.forget)  # nbval kills its kernels, so their labs cannot clean up
