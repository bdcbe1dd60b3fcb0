"""A lock is for who holds it; who only looks is in nobody's way."""

import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest

from mlops_lab.core import locks
from mlops_lab.core.errors import Busy, LabError


def test_who_only_looks_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, tried, take = locks.take(tmp_path / "lock"), threading.Event(), locks.take
    assert looking

    def seen(path: Path) -> object:
        tried.set()
        return take(path)

    def look() -> None:
        tried.wait()
        looking.close()

    monkeypatch.setattr(locks, "take", seen)
    monkeypatch.setattr(locks, "GLANCE", 600)
    looker = threading.Thread(target=look)
    looker.start()
    with locks.held(tmp_path / "lock", "it"):
        pass
    looker.join()


def test_who_holds_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "GLANCE", 0)
    with (
        locks.held(tmp_path / "lock", "it"),
        pytest.raises(Busy, match=r"it is already going on .* \(process \d+, since"),
        locks.held(tmp_path / "lock", "it"),
    ):
        pass


def test_two_who_look_do_not_see_each_other(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not locks.is_held(lock)
    lock.touch()
    with lock.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not locks.is_held(lock)
    with locks.held(lock, "it"):
        assert locks.is_held(lock)


def test_a_file_system_without_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    for call in (locks.take, locks.wait_for, locks.is_held):
        with pytest.raises(LabError, match=r"lock cannot be locked \(No locks available\)"):
            call(tmp_path / "lock")
