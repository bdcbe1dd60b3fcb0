"""The rules of labs/monitoring by the names of their groups, and their tests by the alert."""

from functools import cache
from typing import Any

import yaml

from mlops_lab.core.paths import LABS

MONITORING = LABS / "monitoring"
# Those of the labs, and those of the team that asks the operator.
FILES = [*sorted((MONITORING / "rules").glob("*.yaml")), MONITORING / "operator" / "rules.yaml"]
GROUPS: dict[str, list[dict[str, Any]]] = {
    group["name"]: group["rules"]
    for file in FILES
    for group in yaml.load(file.read_text(), Loader=yaml.CSafeLoader)["spec"]["groups"]
}


@cache
def _tests() -> dict[str, list[dict[str, Any]]]:
    files = sorted((MONITORING / "tests").glob("*.yml"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return {name: yaml.load(text, Loader=yaml.CSafeLoader)["tests"] for name, text in texts.items()}


@cache
def names(file: str = "") -> set[str]:
    """The names of all series that a file of unit tests plays, or that any of them does."""
    tests = _tests()
    played = tests[file] if file else [test for some in tests.values() for test in some]
    series = [one["series"] for test in played for one in test["input_series"]]
    return {name.partition("{")[0].strip() for name in series}


def cases(alert: str) -> dict[str, list[list[dict[str, Any]]]]:
    """By file, the cases of each unit test that asks for the alert."""
    found = {
        name: [
            [case for case in test.get("alert_rule_test", []) if case["alertname"] == alert]
            for test in tests
        ]
        for name, tests in _tests().items()
    }
    return {name: [some for some in asked if some] for name, asked in found.items() if any(asked)}
