"""What a lab finds when it begins."""

from pathlib import Path

import pytest

from mlops_lab.lab import prepare


def test_what_an_older_version_has_left_is_not_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "LABS", tmp_path)
    for name in ("train.py", "tests/test_train.py", "data/churn.csv", "moved/__pycache__/a.pyc"):
        path = tmp_path / "churn" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    prepare.project("any", tmp_path / "lab", {})
    found = (path for path in (tmp_path / "lab" / "churn").rglob("*"))
    assert {path.name for path in found} == {"train.py", "tests", "test_train.py"}


def test_what_was_trained_of_the_same_files_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    ran = tmp_path / "ran"
    train = f"sh -c 'mkdir models; cp params.yaml models/model; echo >> {ran}'"
    for lab, params in (("one", "a"), ("two", "a"), ("three", "b")):
        folder = tmp_path / lab
        folder.mkdir()
        (folder / "params.yaml").write_text(params)
        prepare._train(folder, train)
        assert (folder / "models" / "model").read_text() == params
    assert len(ran.read_text()) == 2
