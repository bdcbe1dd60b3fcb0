"""What is cached is complete, whatever happens while it is made."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conftest import ROOT, Started
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CACHE
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain import cache

# Makes half of `thing` and then waits for its input to end.
HALF = """
import sys
from mlops_lab.toolchain import cache

def make(path):
    path.mkdir()
    (path / "half").touch()
    print("half", flush=True)
    sys.stdin.read()

cache.obtain("a/thing", make)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(path: Path, text: str = "whole") -> None:
    path.mkdir()
    for name in ("one", "two"):
        (path / name).write_text(text)


def test_the_folder_is_the_user_s_unless_named(monkeypatch, tmp_path: Path) -> None:
    assert cache.folder() == tmp_path / "cache"
    monkeypatch.delenv("LAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", f"{tmp_path}/xdg")
    assert cache.folder() == tmp_path / "xdg/mlops-lab"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", f"{tmp_path}/me")
    assert cache.folder() == tmp_path / "me/.cache/mlops-lab"
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    assert cache.folder() == CACHE / "mlops-lab"


def test_a_folder_is_the_same_wherever_it_is_asked_for(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAB_CACHE", "here")
    assert cache.folder() == tmp_path / "here"


def test_a_folder_that_cannot_be_made_is_named(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_CACHE", f"{tmp_path}/file/cache")
    with pytest.raises(LabError, match="LAB_CACHE=FOLDER names another place"):
        cache.obtain("thing", fill)


def test_it_is_made_once(folder: Path) -> None:
    made: list[Path] = []

    def make(path: Path) -> None:
        made.append(path)
        path.write_text("x")

    for _ in range(2):
        assert cache.obtain("a/b/thing", make) == folder / "a/b/thing"
    assert len(made) == 1
    assert os.listdir(folder / "a/b") == ["thing"]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(folder: Path, error: type[BaseException]) -> None:
    def make(path: Path) -> None:
        fill(path)
        raise error("no more")

    with pytest.raises(error, match="no more"):
        cache.obtain("thing", make)
    assert os.listdir(folder) == []


def test_a_killed_maker_leaves_nothing_that_anybody_sees(folder: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with Started([sys.executable, "-c", HALF], env=env, **pipes) as maker:
        assert maker.stdout.readline() == b"half\n"
        assert not (folder / "a/thing").exists()
        maker.kill()
    assert not (folder / "a/thing").exists()
    assert len(list((folder / "a").rglob("half"))) == 1
    found = cache.obtain("a/thing", fill)
    assert sorted(os.listdir(found)) == ["one", "two"]
    cache.sweep(["a/thing"])
    assert os.listdir(folder / "a") == ["thing"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_two_makers_at_once_both_get_a_whole_one(folder: Path, kind: str) -> None:
    both, found = threading.Barrier(2, timeout=LIMIT), []

    def obtain(me: str) -> None:
        def make(path: Path) -> None:
            fill(path, me) if kind == "folder" else path.write_text(me)
            both.wait()

        found.append(cache.obtain("thing", make))

    threads = [threading.Thread(target=obtain, args=(me,)) for me in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [folder / "thing"] * 2
    files = [found[0]] if kind == "file" else [found[0] / "one", found[0] / "two"]
    texts = {file.read_text() for file in files}
    assert len(texts) == 1
    assert texts <= {"first", "second"}
    assert os.listdir(folder) == ["thing"]


def test_a_key_is_of_content_and_of_its_parts(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    assert cache.key(file) == cache.key("one") == cache.key(b"one")
    file.write_text("two")
    assert cache.key(file) != cache.key("one")
    assert cache.key("ab", "c") != cache.key("a", "bc")
    assert cache.key("a", "b") != cache.key("b", "a")
