"""The dashboards' code: each panel says what it shows, and names alerts that there are.

Whether a panel has data, a unit that Grafana knows and no idle variable is seen where it is drawn,
in lab 15b.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROOT, run
from monitoring.rules import GROUPS

MONITORING = ROOT / "labs/monitoring"
NAMES = ("machine", "model-data", "model-service")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("dashboards")
    run(sys.executable, "-m", "dashboards", folder, cwd=MONITORING)
    return {path.stem: json.loads(path.read_text()) for path in folder.iterdir()}


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those that ask Prometheus."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def test_there_are_three_and_each_leads_to_all(built: dict[str, Any]) -> None:
    assert sorted([*NAMES, "search"]) == sorted(built)
    for name in NAMES:
        (link,) = built[name]["links"]
        for page in built["search"]:
            assert set(link["tags"]) & set(page["tags"])
            assert built[page["uid"]]["title"] == page["title"]


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_and_each_of_its_panels_say_what_they_are(
    built: dict[str, Any], name: str
) -> None:
    assert built[name]["description"]
    assert [panel["title"] for panel in panels(built[name]) if not panel.get("description")] == []


@pytest.mark.parametrize("name", NAMES)
def test_only_alerts_that_there_are_are_named_and_marked(built: dict[str, Any], name: str) -> None:
    known = {rule["alert"] for rules in GROUPS.values() for rule in rules if "alert" in rule}
    told = " ".join(panel["description"] for panel in panels(built[name]))
    assert set(re.findall(r"\b(?:Model|Node)[A-Z]\w+", told)) <= known
    (marks,) = built[name]["annotations"]["list"]
    (wanted,) = re.findall(r'alertname=~"(.*?)"', marks["expr"])
    assert any(re.fullmatch(wanted, alert) for alert in known)


def test_nothing_is_said_of_a_panel_that_is_not_there(
    built: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(MONITORING)
    from dashboards.about import ABOUT

    assert set(ABOUT) == {panel["title"] for one in NAMES for panel in panels(built[one])}
