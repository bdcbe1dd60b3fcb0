"""Every flaw of the naive workflow that a module of delivery/ closes: put back, and seen again.

The module's own tests run against a copy in which one hardened line is naive again. They must fail
there, and do not where nothing is put back, as these very tests show elsewhere.
"""

import shutil
from pathlib import Path

import pytest

from conftest import PYTEST, ROOT, run
from mlops_lab import audit
from mlops_lab.audit import Mutation

HARDENED = audit.hardened()
PUT_BACK = [
    pytest.param(mutation, id=f"{row.id}-{number}-{Path(mutation.path).stem}")
    for row in audit.rows()
    for number, mutation in enumerate(audit.mutations(row, HARDENED))
    if mutation.path.endswith(".py")
]


@pytest.mark.parametrize("mutation", PUT_BACK)
def test_the_harm_is_seen(mutation: Mutation, tmp_path: Path) -> None:
    copy = tmp_path / "mlops"
    shutil.copytree(ROOT / "labs/mlops", copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / mutation.path).write_text(mutation.text)
    place = f"pythonpath='{ROOT / 'labs/churn'}' '{copy}'"
    tests = f"tests/mlops/test_{Path(mutation.path).stem}.py"
    options = ("--exitfirst", "--quiet", "-o", place)
    run(*PYTEST, *options, tests, cwd=ROOT, status=pytest.ExitCode.TESTS_FAILED)
