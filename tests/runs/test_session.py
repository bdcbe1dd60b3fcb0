"""What is done around a run of labs."""

from pathlib import Path

import pytest

from mlops_lab.book import build
from mlops_lab.core.errors import LabError
from mlops_lab.runs import report, session


@pytest.mark.parametrize("trouble", [None, LabError("no registry")])
def test_what_the_book_needs_is_had_before_the_labs_mask_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: LabError | None
) -> None:
    done: list[str] = []

    def package(name: str) -> None:
        done.append(name)
        if trouble:
            raise trouble

    def run(*_: object) -> tuple[list[object], dict[str, object]]:
        done.append("run")
        return [], {}

    monkeypatch.setattr(session, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(session.npm, "package", package)
    monkeypatch.setattr(session, "_run", run)
    monkeypatch.setattr(build, "build", lambda: done.append("book"))
    for name in ("write", "show"):
        monkeypatch.setattr(report, name, lambda *_: None)
    assert session.run_and_report([], 1) == 0
    assert done == ["ts-fsrs", "run", "book"]
    assert session.run_and_report([], 1, book=False) == 0
    assert done[3:] == ["run"]
