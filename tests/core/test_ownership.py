"""Whose work a checkout's state is."""

import os
from pathlib import Path

import pytest

from mlops_lab.core import locks, ownership
from mlops_lab.core.errors import LabError
from mlops_lab.testing.suite import run_tests


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A checkout as (user -> id): who runs, whose it is, whose state is there."""
    who = {"runs": 1000, "checkout": 1000, "state": 1000}
    monkeypatch.setattr(ownership, "ROOT", tmp_path / "my lab")
    monkeypatch.setattr(ownership, "STATE", tmp_path / "my lab" / ".lab")
    ownership.ROOT.mkdir()
    owners = {ownership.ROOT: "checkout", ownership.STATE: "state"}
    monkeypatch.setattr(ownership, "_owner", lambda path: who[owners[path]])
    monkeypatch.setattr(os, "geteuid", lambda: who["runs"])
    monkeypatch.setattr(os, "chown", lambda path, user, group: who.update(state=user))
    return who


@pytest.mark.parametrize("owner", [1000, 0])
def test_one_s_own_state_is_claimed_in_silence(checkout: dict[str, int], owner: int) -> None:
    """In somebody else's checkout the files tell whether they can be written to."""
    checkout["checkout"] = owner
    ownership.claim()
    assert ownership.STATE.is_dir()


def test_after_root_the_owner_is_told_what_to_do(checkout: dict[str, int], tmp_path: Path) -> None:
    checkout["runs"] = 0
    ownership.claim()
    assert checkout["state"] == 0
    checkout["runs"] = 1000
    cure = rf"root has worked .*sudo chown -R \S+ '{ownership.ROOT}'$"
    with pytest.raises(LabError, match=cure), locks.held(tmp_path / "lock", "lab run"):
        pytest.fail("it went on")
    with pytest.raises(LabError, match=cure):
        run_tests([])
    checkout["state"] = 1000
    ownership.claim()


def test_who_reads_in_a_checkout_of_others_is_not_told(checkout: dict[str, int]) -> None:
    checkout.update(checkout=0, state=0)
    ownership.claim()
