"""The code's own rules: style, types, size, workflows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, run

BIN = Path(sys.executable).parent


def passes(*command: str) -> None:
    run(*command, cwd=ROOT)


def test_ruff_finds_nothing() -> None:
    passes(str(BIN / "ruff"), "check", "--no-cache", ".")


def test_code_is_formatted() -> None:
    passes(str(BIN / "ruff"), "format", "--no-cache", "--check", "scripts", "tests", "labs")


def test_types_hold() -> None:
    passes(str(BIN / "mypy"))


def test_tests_name_what_the_package_has() -> None:
    """They are not typed throughout; what is looked up in a module is there nevertheless."""
    # Other packages are left out: reading them takes a minute and a half.
    options = ["--follow-imports=skip", "--cache-dir=.lab/cache/mypy-tests"]
    command = [BIN / "mypy", *options, "tests", "scripts/mlops_lab"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "error:" in done.stdout, done.stdout + done.stderr  # it has looked
    assert not [line for line in done.stdout.splitlines() if "Module has no attribute" in line]


def test_rooms_import_what_lies_below_and_nothing_goes_in_circles() -> None:
    passes(str(BIN / "lint-imports"), "--no-cache")


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    passes(str(BIN / "deptry"), ".")


def test_no_code_is_dead() -> None:
    passes(str(BIN / "vulture"))


def test_workflows_have_no_finding() -> None:
    passes(str(BIN / "zizmor"), "--offline", "--quiet", "--no-progress", ".github")


def test_workflows_fit_their_schema() -> None:
    files = sorted(map(str, (ROOT / ".github/workflows").glob("*.yml")))
    passes(str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)


def test_files_are_small() -> None:
    for folder in ("scripts", "tests", "labs"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 300, path


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"])
def test_the_papers_are_there(name: str) -> None:
    assert (ROOT / name).read_text().strip()


def test_every_requirement_has_a_hash_and_no_host() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if line[:1].isalnum()]
    assert all("==" in line and line.endswith("\\") for line in pins)
    asked = re.findall(r"^[\w.-]+", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    assert asked
    assert {name.lower() for name in asked} <= {line.partition("==")[0] for line in pins}
