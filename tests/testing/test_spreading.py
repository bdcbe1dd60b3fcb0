"""How tests are spread over workers: files stay together, long tests come first and alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from mlops_lab.testing import spreading, suite

TESTS = "".join(f"def test_{number}(): pass\n" for number in range(8))
FILES = (
    "tests/test_a.py",
    "tests/test_b.py",
    "tests/test_c.py",
    *spreading.TOGETHER,
    spreading.APART[0],
)


def test_long_tests_come_first_and_other_files_stay_together(tmp_path: Path) -> None:
    for folder in ("runs", "book"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "pytest.ini").touch()
    for name in FILES:
        (tmp_path / name).write_text(TESTS)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *suite.SPREAD, "-v", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**env, "PYTHONPATH": str(ROOT / "scripts")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    passed = re.findall(r"\[(gw\d)\].* PASSED (\S+)::", done.stdout)
    assert len(passed) == 8 * len(FILES)
    workers = {name: {worker for worker, file in passed if file == name} for name in FILES}
    assert [len(workers[name]) for name in FILES[:-1]] == [1] * len(FILES[:-1])
    assert len(set[str]().union(*(workers[name] for name in spreading.TOGETHER))) == 1
    assert len(workers[FILES[-1]]) > 1
    first = {worker: file for worker, file in reversed(passed)}
    assert set(first.values()) == {FILES[-1]}


@pytest.mark.parametrize("name", spreading.FIRST)
def test_what_is_named_exists(name: str) -> None:
    assert (ROOT / name).exists()
