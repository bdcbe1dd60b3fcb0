"""Folders outside of the checkout: those of killed processes go, all others stay."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import Started
from mlops_lab.core import scratch

KEEPS = "from mlops_lab.core import scratch; print(scratch.folder(), flush=True); input()"


def test_what_a_killed_process_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pipe = subprocess.PIPE
    with Started([sys.executable, "-c", KEEPS], stdin=pipe, stdout=pipe, text=True) as it:
        assert it.stdout
        theirs = Path(it.stdout.readline().strip())
        foreign, odd = tmp_path / "mlops-lab-0-1-x", tmp_path / f"{scratch.PREFIX}x-y"
        for path in (foreign, odd):
            path.mkdir()
        ours = scratch.folder()
        scratch.remove_stale()
        assert all(path.is_dir() for path in (theirs, foreign, odd, ours))
        it.kill()
    scratch.remove_stale()
    assert not theirs.exists()
    assert all(path.is_dir() for path in (foreign, odd, ours))
