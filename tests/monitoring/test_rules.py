"""The rules of labs/monitoring: their own tests pass, and notice every small change of a rule."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from conftest import run
from mlops_lab.toolchain import programs
from monitoring.mutations import Rule, mutants
from monitoring.proof import RULES
from monitoring.rules import FILES, GROUPS, MONITORING, names

RECORDED = {r["record"]: r["expr"] for rules in GROUPS.values() for r in rules if "record" in r}
UNCHANGED = ("every rule", "as it is")


@pytest.fixture(scope="session")
def promtool() -> str:
    return str(programs.program("promtool"))


def _laid_out(folder: Path, test: Path, groups: dict[str, Any]) -> Path:
    """A test file, beside the rules that it reads as ../plain.yml."""
    file = folder / "tests" / test.name
    file.parent.mkdir(parents=True)
    shutil.copy(test, file)
    content = {"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]}
    (folder / "plain.yml").write_text(json.dumps(content))  # which is YAML, too, and quicker
    return file


def _call(*command: str | Path, cwd: Path = MONITORING) -> int:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    print(done.stdout, done.stderr)
    return done.returncode


def _plain(file: Path) -> str:
    return run(sys.executable, MONITORING / "rules-of", file).stdout


def _changed(rules: list[Rule]) -> Iterator[tuple[str, str, list[Rule]]]:
    """The rules as they are, and then with each change of one of them: its name, the change."""
    yield *UNCHANGED, rules
    for number, rule in enumerate(rules):
        for change, mutant in mutants(rule):
            name = rule.get("alert") or rule["record"]
            yield name, change, [*rules[:number], mutant, *rules[number + 1 :]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_rule_file_passes_the_check_with_all_lints(
    file: Path, promtool: str, tmp_path: Path
) -> None:
    (tmp_path / "plain.yml").write_text(_plain(file))
    checked = ("check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "plain.yml"))
    assert _call(promtool, *checked) == 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_quiet_hour_has_what_the_alert_looks_at(rule: Rule) -> None:
    assert _looked_at(rule["expr"]) <= names("quiet")


def _looked_at(expression: str) -> set[str]:
    """The series in it, through recording rules: names that some unit test has."""
    words = set(re.findall(r"[a-z][\w:]*", expression))
    through = [_looked_at(RECORDED[word]) for word in words & RECORDED.keys()]
    return set().union((words & names()) - RECORDED.keys(), *through)


@pytest.mark.parametrize("name", [*GROUPS, "quiet"])
def test_the_rules_pass_their_tests(name: str, promtool: str, tmp_path: Path) -> None:
    file = _laid_out(tmp_path, MONITORING / "tests" / f"{name}.yml", GROUPS)
    assert _call(promtool, "test", "rules", str(file)) == 0


def _passing(promtool: str, test: str, files: list[Path], results: Path) -> list[Path]:
    """Those files, each with its own rules, whose test of this name passes."""
    if not files:
        return []
    _call(promtool, "test", "rules", f"--junit={results}", f"--run=^{re.escape(test)}$", *files)
    suites = {suite.get("name"): suite for suite in ElementTree.parse(results).iter("testsuite")}
    assert [*suites] == [*map(str, files)]
    assert {suite.get("tests") for suite in suites.values()} == {"1"}
    return [file for file in files if not _faults(suites[str(file)])]


def _faults(suite: ElementTree.Element) -> int:
    return int(suite.get("failures", 0)) + int(suite.get("errors", 0))


@pytest.mark.parametrize("name", GROUPS)
def test_a_changed_rule_fails_its_tests(name: str, promtool: str, tmp_path: Path) -> None:
    """One test after the other, each for what has passed those before: a failed one is enough.

    Tests that name the changed rule come first, since they are most likely to fail.
    """
    source, changes = MONITORING / "tests" / f"{name}.yml", {}
    for number, (rule, change, rules) in enumerate(_changed(GROUPS[name])):
        file = _laid_out(tmp_path / str(number), source, {name: rules})
        changes[file] = (rule, change)
    tests = {one["name"]: str(one) for one in yaml.safe_load(source.read_text())["tests"]}
    passing = [*changes]
    for likely in (True, False):
        for test, text in tests.items():
            asked = [file for file in passing if (changes[file][0] in text) == likely]
            failed = {*asked} - {*_passing(promtool, test, asked, tmp_path / "results.xml")}
            passing = [file for file in passing if file not in failed]
    survivors = [changes[file] for file in passing]
    assert survivors == [UNCHANGED], "\n".join(map(": ".join, survivors))
