"""What stops a repository with secrets or dangerous code: labs/mlops/delivery/scan.py."""

import os
import secrets
from pathlib import Path

import pytest
from delivery import scan

from conftest import run


def tracked(folder: Path, **files: str) -> None:
    for name, text in {"clean.py": "print('hello')\n", **files}.items():
        (folder / name).write_text(text)
    run("git", "init", cwd=folder)
    run("git", "add", ".", cwd=folder)


# An assertion, md5, an address from elsewhere; the hash of a content, and those of a lock file.
FINE = """import hashlib
import urllib.request

assert hashlib.md5(b"", usedforsecurity=True).hexdigest() == "d41d8cd98f00b204e9800998ecf8427e"
urllib.request.urlopen(input())
"""
LOCKED = f"one==1 --hash=sha256:{'0123456789abcdef' * 4}\napi_key = '{secrets.token_hex(20)}'\n"


def test_the_scan_of_a_clean_repository_passes(tmp_path: Path, capsys) -> None:
    dockerfile = "FROM python:3.11-slim\nUSER 1000\n"
    tracked(tmp_path, Dockerfile=dockerfile, **{"fine.py": FINE, "uv.txt": LOCKED})
    assert scan.main() == 0
    assert capsys.readouterr().out == "nothing found in 4 files\n"


def test_code_that_cannot_be_read_is_not_clean(tmp_path: Path) -> None:
    tracked(tmp_path, **{"broken.py": "def\n"})
    with pytest.raises(SystemExit, match=r"bandit could not read \./broken\.py"):
        scan.main()


def test_the_scan_finds_a_key_of_aws(tmp_path: Path, capsys) -> None:
    key = "AK" + "IA" + "".join(secrets.choice("ABCDEFGHJKLMNPQR234567") for _ in range(16))
    tracked(tmp_path, **{"settings.ini": f"[aws]\nkey = {key}\n"})
    assert scan.main() == 1
    said = capsys.readouterr().out
    assert "settings.ini:2: AWS Access Key" in said
    assert key not in said


def test_what_tests_do_is_not_dangerous(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    dangerous = "import subprocess\nsubprocess.run(input(), shell=True)\n"
    tracked(tmp_path, **{"tests/test_run.py": dangerous, "conftest.py": dangerous})
    assert scan.main() == 0


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("run.py", "import subprocess\nsubprocess.run(input(), shell=True)\n", "run.py:2: B602"),
        ("load.py", "import pickle\npickle.load(open('m', 'rb'))\n", "load.py:2: B301"),
        ("Dockerfile", "FROM python:latest\nUSER 1000\n", "Dockerfile:1: DL3007"),
    ],
)
def test_the_scan_names_file_line_and_rule(tmp_path: Path, name, text, found, capsys):
    tracked(tmp_path, **{name: text})
    assert scan.main() == 1
    assert found in capsys.readouterr().out


def test_the_scan_does_not_take_a_broken_tool_for_a_clean_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(tmp_path)
    broken = tmp_path / "programs" / "bandit"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no such option >&2\nexit 2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    with pytest.raises(SystemExit, match="bandit said nothing: no such option"):
        scan.main()
