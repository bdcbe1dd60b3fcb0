"""`lab`'s set-up: complete, safe to kill, and done once.

A small set of requirements stands in for the real one; they come from uv's cache, which the
set-up of this very checkout has filled.
"""

import os
import random
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a space and an umlaut in its name, and few packages of few modules: every
    set-up compiles them.
    """
    root = tmp_path / "my lab ü"
    (root / "scripts/mlops_lab").mkdir(parents=True)
    shutil.copy(ROOT / "lab", root)
    shutil.copy(ROOT / "scripts/setup.py", root / "scripts")
    (root / "scripts/mlops_lab/__init__.py").touch()
    (root / "scripts/mlops_lab/__main__.py").write_text(
        "import sys, yaml; print('here', sys.argv[1:])"
    )
    pins = (ROOT / "requirements.txt").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", pins)
    wanted = ("pyyaml==", "psutil==", "iniconfig==", "uv==")
    (root / "requirements.txt").write_text(
        "\n".join(b for b in blocks if b.lower().startswith(wanted)) + "\n"
    )
    return root


def call(root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(root / "lab"), "run"], capture_output=True, text=True, env={**os.environ, **env}
    )


def test_the_first_call_sets_up_and_the_second_does_not(checkout: Path) -> None:
    first = call(checkout)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "here ['run']\n"
    assert "setting up .venv" in first.stderr
    assert list((checkout / ".venv").glob("lib/*/site-packages/yaml/__pycache__/*.pyc"))
    second = call(checkout)
    assert (second.stdout, second.stderr) == ("here ['run']\n", "")


def test_changed_requirements_are_synced(checkout: Path) -> None:
    assert call(checkout).returncode == 0
    path = checkout / "requirements.txt"
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text())
    path.write_text("\n".join(b for b in blocks if not b.startswith("psutil")) + "\n")
    assert "setting up" in call(checkout).stderr
    assert not list((checkout / ".venv").glob("lib/*/site-packages/psutil"))
    assert "setting up" not in call(checkout).stderr


def test_without_uv_pip_gets_it(checkout: Path, tmp_path: Path) -> None:
    """Only python3 and the basic tools on PATH, as on a fresh machine."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cmp", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    base = Path(os.path.realpath(ROOT / ".venv/bin/python"))
    (tools / "python3").symlink_to(base)
    done = call(checkout, PATH=str(tools))
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/bin/uv").exists()


@pytest.mark.timeout(1500)
def test_a_killed_set_up_does_not_trip_the_next(checkout: Path) -> None:
    """Killed at a random moment in each of twenty equal parts of the time that a set-up takes."""
    chance, times = random.Random(3), 20
    began = time.monotonic()
    assert call(checkout).returncode == 0
    span = time.monotonic() - began
    for part in range(times):
        shutil.rmtree(checkout / ".venv")
        process = subprocess.Popen(
            [str(checkout / "lab"), "run"], stderr=subprocess.DEVNULL, start_new_session=True
        )
        threading.Event().wait((part + chance.random()) * span / times)
        os.killpg(process.pid, 9)
        process.wait()
        done = call(checkout)
        assert done.stdout == "here ['run']\n", done.stderr


def test_two_first_calls_at_once_both_work(checkout: Path) -> None:
    calls = [
        subprocess.Popen([str(checkout / "lab"), "run"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [c.communicate(timeout=120)[0] for c in calls] == ["here ['run']\n"] * 2


def test_no_fitting_python_is_told(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cmp"):
        (tools / name).symlink_to(str(shutil.which(name)))
    done = call(checkout, PATH=str(tools))
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
