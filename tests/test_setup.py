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

from conftest import ROOT, run
from mlops_lab.core.waiting import LIMIT


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
    return run(root / "lab", "run", status=None, env={**os.environ, **env})


def plain_path(folder: Path) -> str:
    """A PATH with only python3 and the basic tools, as on a fresh machine."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cmp", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    base = Path(os.path.realpath(ROOT / ".venv/bin/python"))
    (tools / "python3").symlink_to(base)
    return str(tools)


def test_the_first_call_sets_up_and_the_second_does_not(checkout: Path) -> None:
    first = call(checkout)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "here ['run']\n"
    assert "setting up .venv" in first.stderr
    assert list((checkout / ".venv").glob("lib/*/site-packages/yaml/__pycache__/*.pyc"))
    second = call(checkout, LC_ALL="xx_YY.UTF-8")  # is not installed, so that it is C
    assert (second.stdout, second.stderr) == ("here ['run']\n", "")


def test_changed_requirements_are_synced(checkout: Path) -> None:
    assert call(checkout).returncode == 0
    path = checkout / "requirements.txt"
    blocks = re.split(r"\n(?=[a-z0-9])", path.read_text())
    path.write_text("\n".join(b for b in blocks if not b.startswith("psutil")) + "\n")
    assert "setting up" in call(checkout).stderr
    assert not list((checkout / ".venv").glob("lib/*/site-packages/psutil"))
    assert "setting up" not in call(checkout).stderr


def test_a_killed_set_up_does_not_trip_the_next(checkout: Path) -> None:
    """Killed at a random moment in each of ten equal parts of the time that a set-up takes: it
    makes an environment, gets uv, installs, compiles and says that it is done.
    """
    chance, times = random.Random(3), 10
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


# Each has been seen to break a set-up.
MISLEADING = {
    "PIP_USER": "1",
    "PIP_TARGET": "/nowhere",
    "PIP_PREFIX": "/nowhere",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_NO_BINARY": ":all:",
    "UV_SYSTEM_PYTHON": "1",
    "UV_PYTHON": "3.8",
    "UV_PROJECT_ENVIRONMENT": "/nowhere",
    "UV_NO_BINARY": "1",
    "UV_REQUIRE_HASHES": "0",
    "VIRTUAL_ENV": "/nowhere",
    "PYTHONHOME": "/nowhere",
    "PYTHONPATH": "/nowhere",
    "PYTHONWARNINGS": "error",
    "PYTHONPYCACHEPREFIX": "/nowhere",
    "TMPDIR": "/nowhere",
    "REQUESTS_CA_BUNDLE": "/nowhere.pem",
    "BASH_ENV": "/nowhere",
}


def test_settings_that_mislead_pip_and_uv_do_not_matter(checkout: Path, tmp_path: Path) -> None:
    done = call(checkout, **MISLEADING)
    assert done.returncode == 0, done.stderr
    assert "REQUESTS_CA_BUNDLE names /nowhere.pem, which is not there" in done.stderr
    assert list((checkout / ".venv").glob("lib/*/site-packages/yaml"))


def test_without_uv_pip_gets_it_whatever_it_is_set_to(checkout: Path, tmp_path: Path) -> None:
    """Only python3 and the basic tools on PATH, as on a fresh machine."""
    home = tmp_path / "home"
    (home / ".config/pip").mkdir(parents=True)
    (home / ".config/pip/pip.conf").write_text("[install]\nuser = true\n")
    # The home is another one; what was downloaded is not.
    caches = {
        name: os.environ.get(name) or os.path.expanduser(f"~/.cache/{folder}")
        for name, folder in {"UV_CACHE_DIR": "uv", "PIP_CACHE_DIR": "pip"}.items()
    }
    env = {**MISLEADING, **caches, "HOME": str(home), "PATH": plain_path(tmp_path)}
    done = call(checkout, **env)
    assert done.returncode == 0, done.stderr
    assert (checkout / ".venv/bin/uv").exists()


@pytest.mark.parametrize(
    ("env", "conf", "index"),
    [
        ({"PIP_INDEX_URL": "http://127.0.0.1:9/env"}, "", "env"),
        ({}, "[global]\nindex-url = http://127.0.0.1:9/file\n", "file"),
        ({"UV_DEFAULT_INDEX": "http://127.0.0.1:9/uv", "PIP_INDEX_URL": "http://no"}, "", "uv"),
        ({"PIP_CONFIG_FILE": "CONF"}, "[global]\nindex-url = http://127.0.0.1:9/named\n", "named"),
    ],
)
def test_uv_asks_the_index_that_pip_is_set_to(
    checkout: Path, tmp_path: Path, env: dict[str, str], conf: str, index: str
) -> None:
    home = tmp_path / "home"
    (home / ".config/pip").mkdir(parents=True)
    path = home / (".config/pip/pip.conf" if "PIP_CONFIG_FILE" not in env else "named.conf")
    path.write_text(conf)
    env = {name: value.replace("CONF", str(path)) for name, value in env.items()}
    new = {"HOME": str(home), "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_HTTP_RETRIES": "0"}
    done = call(checkout, **new, **env)
    assert done.returncode == 1
    assert f"http://127.0.0.1:9/{index}" in done.stderr
    assert "lab: set-up failed at: " in done.stderr
    assert "your environment sets " in done.stderr


def test_a_checkout_that_was_moved_is_set_up_anew(checkout: Path) -> None:
    assert call(checkout).returncode == 0
    moved = checkout.rename(checkout.with_name("moved"))
    done = call(moved)
    assert done.stdout == "here ['run']\n"
    assert "setting up .venv" in done.stderr
    assert str(checkout) not in (moved / ".venv/pyvenv.cfg").read_text()
    assert "setting up" not in call(moved).stderr


def test_a_python_that_has_gone_is_replaced(checkout: Path) -> None:
    assert call(checkout).returncode == 0
    for name in ("python", "python3"):
        link = checkout / ".venv/bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to("/nowhere/python")
    assert call(checkout).stdout == "here ['run']\n"


def test_a_checkout_of_somebody_else_is_told(checkout: Path) -> None:
    command = [str(checkout / "lab"), "run"]
    if os.geteuid() == 0:
        # root may write everywhere, unless this power is taken from it.
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv")
        os.chown(checkout, 12345, 12345)
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    checkout.chmod(0o555)
    done = subprocess.run(command, capture_output=True, text=True)
    checkout.chmod(0o755)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"lab: cannot write to {checkout} (Permission denied)")
    assert f"git clone {checkout}" in line


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_windows_line_ends_are_told(checkout: Path, shell: str) -> None:
    crlf(checkout / "lab")
    done = subprocess.run([shell, str(checkout / "lab"), "run"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("lab: this checkout has Windows line ends")


def test_windows_line_ends_of_the_other_files_are_told(checkout: Path) -> None:
    (checkout / "LICENSE").write_bytes(b"\r\nLicense\r\n")
    done = call(checkout)
    assert done.returncode == 1
    assert "git reset -q --hard" in done.stderr


def test_a_clone_has_our_line_ends_whatever_git_is_set_to(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    for name in (".gitattributes", "lab", "requirements.in"):
        shutil.copy(ROOT / name, first)
    git = ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], cwd=first, check=True)
    subprocess.run([*git, "clone", "-q", "first", "second"], cwd=tmp_path, check=True)
    for name in ("lab", "requirements.in"):
        assert (tmp_path / "second" / name).read_bytes() == (ROOT / name).read_bytes()


def test_two_first_calls_at_once_both_work(checkout: Path) -> None:
    calls = [
        subprocess.Popen([str(checkout / "lab"), "run"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [c.communicate(timeout=LIMIT)[0] for c in calls] == ["here ['run']\n"] * 2


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH without any Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cmp"):
        (tools / name).symlink_to(str(shutil.which(name)))
    return tools


def test_no_fitting_python_is_told(checkout: Path, tools: Path) -> None:
    done = call(checkout, PATH=str(tools))
    assert done.returncode == 1
    assert "needs Python 3.11 to 3.14" in done.stderr
    assert "uv python install 3.13 && LAB_PYTHON=" in done.stderr


def test_a_python_that_was_named_is_not_passed_over(checkout: Path) -> None:
    done = call(checkout, LAB_PYTHON="/nowhere/python")
    assert (done.returncode, done.stderr) == (
        1,
        "lab: LAB_PYTHON is /nowhere/python, which is no Python 3.11 to 3.14\n",
    )


@pytest.mark.parametrize("version", ["3.10", "3.15"])
def test_a_python_that_does_not_fit_is_passed_over(
    checkout: Path, tools: Path, version: str
) -> None:
    """Stand-ins answer as such a Python would; one that fits comes later in the list."""
    real, info = os.path.realpath(ROOT / ".venv/bin/python"), tuple(map(int, version.split(".")))
    code = f"import sys; sys.version_info = {info}; exec(sys.argv.pop(1))"
    (tools / "python3").write_text(
        f"#!{shutil.which('sh')}\nshift\nexec {real} -c '{code}' \"$@\"\n"
    )
    (tools / "python3").chmod(0o755)
    assert "needs Python 3.11 to 3.14" in call(checkout, PATH=str(tools)).stderr
    (tools / "python3.11").write_text(f"#!{shutil.which('sh')}\necho chosen >&2\n")
    (tools / "python3.11").chmod(0o755)
    assert "chosen" in call(checkout, PATH=str(tools)).stderr
