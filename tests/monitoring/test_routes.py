"""Who is told of each alert, as amtool says: each has the route that its severity should have."""

import re
from typing import Any

import pytest

from conftest import run
from mlops_lab.toolchain.programs import program
from monitoring.proof import RULES
from monitoring.rules import MONITORING

RECEIVERS = {"critical": "on-call", "warning": "slack", "none": "deadman"}


def told(*labels: str) -> str:
    """The receivers of an alert with these labels."""
    config = MONITORING / "alertmanager.yml"
    asked = ("config", "routes", "test", f"--config.file={config}")
    return run(program("amtool"), *asked, *labels).stdout.strip()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_goes_where_its_severity_says(rule: dict[str, Any]) -> None:
    labels = [f"alertname={rule['alert']}", *(f"{k}={v}" for k, v in rule["labels"].items())]
    assert told(*labels) == RECEIVERS[rule["labels"]["severity"]]


def test_what_no_route_names_is_told_all_the_same() -> None:
    assert told("alertname=Unknown") == "slack"


def test_the_configuration_has_no_receiver_that_nobody_reaches() -> None:
    text = (MONITORING / "alertmanager.yml").read_text()
    named = set(re.findall(r"- name: (\S+)", text))
    assert named == set(RECEIVERS.values())
    run(program("amtool"), "check-config", MONITORING / "alertmanager.yml")
