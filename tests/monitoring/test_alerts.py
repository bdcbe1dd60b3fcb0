"""Every alert of labs/monitoring is labeled, explained, tested to fire and to end, and fired."""

import re
from typing import Any

import pytest

from mlops_lab.core.paths import BOOK
from mlops_lab.lab import catalog
from monitoring.proof import ALWAYS, RULES, Proof, proofs, table
from monitoring.rules import cases

PAGES = BOOK / "alerts"
PROOFS = proofs()
NAMES = [str(rule["alert"]) for rule in RULES]
UNIT = {"h": 3600, "m": 60, "s": 1}


def _seconds(duration: str) -> int:
    parts = re.findall(r"(\d+)([hms])", duration)
    assert "".join(map("".join, parts)) == duration, duration
    return sum(int(number) * UNIT[unit] for number, unit in parts)


def _expected(name: str) -> list[list[bool]]:
    """For each unit test that asks for the alert: whether it fires, in the order of time."""
    asked = [some for tests in cases(name).values() for some in tests]
    ordered = [sorted(some, key=lambda case: _seconds(case["eval_time"])) for some in asked]
    return [[bool(case["exp_alerts"]) for case in some] for some in ordered]


def test_there_are_alerts_and_each_has_a_name_of_its_own() -> None:
    assert NAMES
    assert sorted(set(NAMES)) == sorted(NAMES)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_an_alert_says_how_bad_it_is_whose_it_is_and_what_it_means(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"none", "warning", "critical"}
    assert rule["labels"].get("team")
    assert {key for key, text in rule["annotations"].items() if text.strip()} >= {
        "summary",
        "description",
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_has_a_runbook_in_the_book(name: str) -> None:
    page = PAGES / f"{name}.md"
    assert page.read_text(encoding="utf-8").splitlines()[0] == f"# {name}"
    assert f"book/alerts/{name}" in catalog.files("book/alerts/")
    assert f"(alerts/{name}.md)" in (BOOK / "alerts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", PROOFS, ids=NAMES)
def test_its_runbook_leads_to_every_lab_in_which_it_fires(row: Proof) -> None:
    _, _, where = (PAGES / row["runbook"]).read_text("utf-8").partition("## Where it fired")
    named = set(re.findall(r"notebooks/(\w+)-", where))
    assert named == set(row["fires in"].split(", "))


def test_no_runbook_is_left_of_an_alert_that_is_gone() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(NAMES)
    assert set(catalog.files("book/alerts/")) == {f"book/alerts/{name}" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_one_unit_test_sees_an_alert_before_it_fires_while_it_does_and_after(name: str) -> None:
    expected = _expected(name)
    if name in ALWAYS:
        assert expected
        assert all(all(fires) for fires in expected)
    else:
        assert any(True in fires and not (fires[0] or fires[-1]) for fires in expected), expected


@pytest.mark.parametrize("proof", PROOFS, ids=NAMES)
def test_every_proof_of_an_alert_is_there(proof: Proof) -> None:
    assert all(proof.values()), proof


def test_the_table_of_proofs_has_a_line_for_each_alert() -> None:
    head, *rows = table(PROOFS)
    assert head.split()[0] == "alert"
    assert [row.split()[0] for row in rows] == NAMES
