"""The rules of labs/monitoring: their own tests pass, and notice every small change of a rule."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_lab.toolchain import programs
from monitoring.mutations import mutants
from monitoring.rules import GROUPS, MONITORING


@pytest.fixture(scope="session")
def promtool() -> str:
    return str(programs.program("promtool"))


def _tested(promtool: str, test: Path, groups: dict[str, Any], folder: Path) -> bool:
    """Whether the rules pass the tests in a file, which reads them as ../plain.yml."""
    (folder / "tests").mkdir(exist_ok=True)
    file = folder / "tests" / test.name
    file.write_text(test.read_text())
    content = {"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]}
    (folder / "plain.yml").write_text(yaml.safe_dump(content, sort_keys=False))
    return _call(promtool, "test", "rules", str(file)) == 0


def _call(*command: str, cwd: Path = MONITORING) -> int:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    print(done.stdout, done.stderr)
    return done.returncode


def _plain(name: str) -> str:
    command = [sys.executable, MONITORING / "rules-of", MONITORING / "rules" / f"{name}.yaml"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", sorted(f.stem for f in (MONITORING / "rules").glob("*.yaml")))
def test_a_rule_file_passes_the_check_with_all_lints(
    name: str, promtool: str, tmp_path: Path
) -> None:
    (tmp_path / "plain.yml").write_text(_plain(name))
    checked = ("check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "plain.yml"))
    assert _call(promtool, *checked) == 0


@pytest.mark.parametrize("name", [*GROUPS, "quiet"])
def test_the_rules_pass_their_tests(name: str, promtool: str, tmp_path: Path) -> None:
    tests = MONITORING / "tests" / f"{name}.yml"
    assert _tested(promtool, tests, GROUPS, tmp_path)


@pytest.mark.parametrize("name", GROUPS)
def test_a_changed_rule_fails_its_tests(name: str, promtool: str, tmp_path: Path) -> None:
    tests, survivors = MONITORING / "tests" / f"{name}.yml", []
    for number, rule in enumerate(GROUPS[name]):
        for change, mutant in mutants(rule):
            rules = [*GROUPS[name][:number], mutant, *GROUPS[name][number + 1 :]]
            if _tested(promtool, tests, {name: rules}, tmp_path):
                survivors.append(f"{rule.get('alert', rule.get('record'))}: {change}")
    assert not survivors, "\n".join(survivors)
