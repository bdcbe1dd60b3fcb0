"""Fixtures; the file's place also lets plain `pytest` import the scripts."""

from pathlib import Path
from typing import Any

import generate_data
import pandas as pd
import pytest
import train
import yaml

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Name the tests that `make test` leaves out."""
    config.addinivalue_line("markers", "integration: with a registry, so it takes long")


@pytest.fixture(scope="session")
def params() -> dict[str, Any]:
    """Return the training params as the team keeps them."""
    return yaml.safe_load((HERE / "params.yaml").read_text(encoding="utf-8"))["train"]


@pytest.fixture(scope="session")
def csv_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the default data set once."""
    path = tmp_path_factory.mktemp("data") / "churn.csv"
    generate_data.main(["--params", str(HERE / "params.yaml"), "--out", str(path)])
    return path


@pytest.fixture(scope="session")
def dataset(csv_path: Path) -> tuple[pd.DataFrame, pd.Series]:
    """Return the default data set as training sees it."""
    return train.load_data(csv_path)


@pytest.fixture(scope="session")
def model_dir(
    dataset: tuple[pd.DataFrame, pd.Series],
    params: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Train the default model once and save it."""
    folder = tmp_path_factory.mktemp("models")
    model, _ = train.train(*dataset, params)
    train.save(model, params["threshold"], folder)
    return folder
