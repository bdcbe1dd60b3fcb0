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
