"""What stops a model before it leaves the runner: labs/mlops/delivery/gate.py."""

import json
from pathlib import Path

import pytest
from delivery import gate

GOOD = {"roc_auc": 0.84, "brier": 0.14, "recall": 0.5, "rows": 1000}


def test_the_gate_lets_a_good_model_pass(capsys) -> None:
    Path("metrics.json").write_text(json.dumps(GOOD))
    assert gate.main() == 0
    assert capsys.readouterr().out == "the model is within all limits\n"


@pytest.mark.parametrize(
    "change",
    [{"roc_auc": 0.5}, {"brier": 0.5}, {"rows": 3}, {"recall": None}, {"roc_auc": float("nan")}],
    ids=str,
)
def test_the_gate_refuses_and_says_which_limit(tmp_path: Path, change, capsys) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps(GOOD | change))
    assert gate.main(tmp_path / "metrics.json") == 1
    name, value = next(iter(change.items()))
    assert capsys.readouterr().out.startswith(f"{name} is {value}, allowed is at ")


def test_the_gate_refuses_a_metric_that_is_not_there() -> None:
    limits = {"auc": {"at_least": 0.8}}
    assert gate.misses({}, limits) == ["auc is None, allowed is at least 0.8"]
    assert gate.misses({"auc": 0.8}, limits) == []
