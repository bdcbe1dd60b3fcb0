"""Folders and locks."""

import os
from pathlib import Path

import pytest

from mlops_lab.core import locks
from mlops_lab.core.errors import Busy
from mlops_lab.lab import workspace


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(workspace, "WORK", tmp_path / "work")
    monkeypatch.setattr(workspace, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(workspace, "OWN", tmp_path / "own")
    return tmp_path / "work"


def test_two_runs_of_a_lab_have_two_names() -> None:
    first, second = workspace.claim("02-dvc-s3"), workspace.claim("02-dvc-s3")
    assert (first.name, second.name) == ("02-dvc-s3", "02-dvc-s3-2")
    first.release()
    third = workspace.claim("02-dvc-s3")
    assert third.name == "02-dvc-s3"
    for one in (second, third):
        one.release()


def test_a_claimed_folder_is_empty_and_a_released_one_gone() -> None:
    first = workspace.claim("02-dvc-s3")
    (first.folder / "left").touch()
    first._lock.close()  # as if killed
    second = workspace.claim("02-dvc-s3")
    assert list(second.folder.iterdir()) == []
    second.release()
    assert not second.folder.exists()


def test_the_last_logs_of_cells_stay(work: Path) -> None:
    claimed = workspace.claim("02-dvc-s3")
    (claimed.folder / "churn").mkdir()
    for second, name in enumerate(["churn/first.log", "fit.log", "churn/push.log", "pull.log"]):
        (claimed.folder / name).write_text(name)
        os.utime(claimed.folder / name, (second, second))
    claimed.release()
    kept = {log.name: log.read_text() for log in (work.parent / "logs").iterdir()}
    assert kept == {
        "02-dvc-s3.cell-fit.log": "fit.log",
        "02-dvc-s3.cell-push.log": "churn/push.log",
        "02-dvc-s3.cell-pull.log": "pull.log",
    }


def test_a_log_that_cannot_be_kept_keeps_no_folder() -> None:
    claimed = workspace.claim("02-dvc-s3")
    (claimed.folder / "folder.log").mkdir()
    claimed.release()
    assert not claimed.folder.exists()
    workspace.claim("02-dvc-s3").release()


def test_leftovers_of_the_dead_are_removed_and_the_living_stay(work: Path) -> None:
    alive = workspace.claim("02-dvc-s3")
    (work / "03-mlflow").mkdir()
    forgotten: list[str] = []
    workspace.remove_leftovers(forgotten.append)
    assert forgotten == ["churn-03-mlflow"]
    assert alive.folder.exists()
    assert not (work / "03-mlflow").exists()
    alive.release()


def test_a_held_lock_says_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locks.held(path, "lab run"):
        assert locks.is_held(path)
        says = r"lab run is already going on .*process \d+, since"
        with pytest.raises(Busy, match=says), locks.held(path, "lab run"):
            pass
    assert not locks.is_held(path)
