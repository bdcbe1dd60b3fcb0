"""A repository with a trained challenger, and an MLflow store beside it, for each test."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import generate_data
import pytest
import train as project_train
from retraining import compare, record, register, stories, train, validate
from retraining.model_registry import Registry

from conftest import ROOT

CHURN = ROOT / "labs/churn"
MODEL = "churn-test"


@pytest.fixture(scope="session")
def csv_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the default data set once."""
    path = tmp_path_factory.mktemp("data") / "churn.csv"
    generate_data.main(["--params", str(CHURN / "params.yaml"), "--out", str(path)])
    return path


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables of MLflow once, which takes seconds."""
    from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine

    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    engine = create_sqlalchemy_engine(f"sqlite:///{path}")
    with warnings.catch_warnings():
        # MLflow 3.17.2's own, about how it uses SQLAlchemy.
        warnings.filterwarnings("ignore", "The ``noload`` loader strategy", DeprecationWarning)
        _initialize_tables(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def trained(csv_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leave a repository in which the better story was trained."""
    folder = tmp_path_factory.mktemp("trained")
    for name in ("params.yaml", ".gitignore"):
        shutil.copy(CHURN / name, folder)
    shutil.copy(ROOT / "labs/mlops/retraining.yaml", folder)
    (folder / "data").mkdir()
    shutil.copy(csv_path, folder / "data/churn.csv")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("GITHUB_OUTPUT", raising=False)
        stories.write("better", Path("data/new.csv"))
        assert validate.main() == 0
        assert train.main() == 0
    return folder


def enter(folder: Path, store: Path, patch: pytest.MonkeyPatch) -> None:
    """Work in the folder, with that store and no workflow around."""
    patch.chdir(folder)
    patch.setenv("MODEL", MODEL)
    patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store}")
    patch.delenv("GITHUB_OUTPUT", raising=False)


@pytest.fixture(scope="session")
def champion_store(trained: Path, database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leave a store with what the team trained before, by train.py, as champion."""
    store = shutil.copy(database, tmp_path_factory.mktemp("champion") / "mlflow.db")
    params = record.parse_params((trained / "params.yaml").read_text())
    inputs, target = project_train.load_data(trained / "data/churn.csv")
    model, found = project_train.train(inputs, target, params)
    with pytest.MonkeyPatch.context() as patch:
        enter(trained, store, patch)
        registry, data = Registry(), Path("data/churn.csv")
        project_train.log_run(MODEL, MODEL, params, data, model, found, inputs)
        registry.point("champion", "1")
    dispose()
    return store


@pytest.fixture(scope="session")
def promoted_store(
    trained: Path, champion_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Leave a store in which the better story has won."""
    folder = tmp_path_factory.mktemp("promoted")
    store = shutil.copy(champion_store, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        enter(shutil.copytree(trained, folder / "churn"), store, patch)
        assert compare.main() == 0
        assert register.main() == 0
    dispose()
    return store


@pytest.fixture
def project(
    trained: Path, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Work in a copy of the trained repository, with an empty registry."""
    folder = shutil.copytree(trained, tmp_path / "churn")
    enter(folder, shutil.copy(database, tmp_path / "mlflow.db"), monkeypatch)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    yield folder
    dispose()


def dispose() -> None:
    """Close the stores that MLflow keeps, or their connections warn when they are collected."""
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Models
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Runs

    for store in (Models, Runs):
        for engine in store._engine_map.values():
            engine.dispose()


@pytest.fixture
def registry(project: Path) -> Registry:
    """Return the registry without any model."""
    return Registry()


@pytest.fixture
def old_champion(project: Path, champion_store: Path) -> Registry:
    """Return the registry with the team's own champion."""
    shutil.copy(champion_store, project.parent / "mlflow.db")
    return Registry()


@pytest.fixture
def promoted(project: Path, promoted_store: Path) -> Registry:
    """Return the registry after the better story has won."""
    shutil.copy(promoted_store, project.parent / "mlflow.db")
    return Registry()
