import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import skops.io
import train

HERE = Path(__file__).parent.parent
Dataset = tuple[pd.DataFrame, pd.Series]


@pytest.mark.parametrize(("kind", "floor"), [("logistic", 0.82), ("boosting", 0.84)])
def test_metrics_are_good_enough(
    dataset: Dataset, params: dict[str, Any], kind: str, floor: float
) -> None:
    _, scores = train.train(*dataset, params | {"model": kind})
    assert floor < scores["roc_auc"] < 0.9
    assert scores["accuracy"] > 0.8
    assert scores["brier"] < 0.14


@pytest.mark.parametrize("kind", ["logistic", "boosting"])
def test_same_data_and_params_give_same_metrics(
    dataset: Dataset, params: dict[str, Any], kind: str
) -> None:
    chosen = params | {"model": kind}
    assert train.train(*dataset, chosen)[1] == train.train(*dataset, chosen)[1]


def test_unknown_model_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="logistic or boosting, not 'forest'"):
        train.build_pipeline(params | {"model": "forest"})


def test_gaps_and_new_categories_are_scored(dataset: Dataset, model_dir: Path) -> None:
    model = skops.io.load(model_dir / "model.skops", trusted=train.TRUSTED_TYPES)
    rows = dataset[0].head(2).copy()
    rows.loc[:, "contract"] = "ten-year"
    rows.loc[:, "total_charges"] = float("nan")
    assert model.predict_proba(rows).shape == (2, 2)


def test_command_writes_model_and_metrics(csv_path: Path, tmp_path: Path) -> None:
    metrics = tmp_path / "metrics.json"
    options = ["--params", str(HERE / "params.yaml"), "--data", str(csv_path)]
    train.main([*options, "--out", str(tmp_path / "models"), "--metrics", str(metrics)])
    scores = json.loads(metrics.read_text())
    assert list(scores) == sorted(scores)
    assert scores["rows"] == 1000
    assert {path.name for path in (tmp_path / "models").iterdir()} == {"model.json", "model.skops"}


def test_register_needs_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.parse_args(["--register", "churn"])
    assert "--register needs --experiment" in capsys.readouterr().err
