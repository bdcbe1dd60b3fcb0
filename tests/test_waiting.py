"""Waiting ends, and says why it did not end well."""

from pathlib import Path

import pytest

from mlops_lab import waiting
from mlops_lab.errors import LabError
from mlops_lab.waiting import until


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE", 0)


def test_it_looks_until_it_is_ready() -> None:
    looks = iter([False, False, True])
    until("etcd", lambda: next(looks))
    assert list(looks) == []


def test_what_is_ready_need_not_be_alive() -> None:
    until("etcd", lambda: True, alive=lambda: False)


def test_a_death_has_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_text("listening\nbind: address already in use\n")
    with pytest.raises(LabError, match=r"(?s)^etcd died\n.*etcd\.log.*already in use$"):
        until("etcd", lambda: False, log, lambda: False)


def test_the_limit_is_in_the_message(monkeypatch) -> None:
    monkeypatch.setattr(waiting, "LIMIT", 0)
    with pytest.raises(LabError, match=r"^etcd not ready within 0 s$"):
        until("etcd", lambda: False)
