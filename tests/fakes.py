"""Programs that only note how they are called, and facts of versions.yaml that tests replace."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Fakes:
    """Programs that note how they are called; nothing else is in PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "programs"
        self.folder.mkdir()
        self._log = folder / "calls"

    def add(self, name: str, body: str = "exit 0") -> Path:
        """A program whose body is a piece of sh."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self._log}"\n{body}\n')
        path.chmod(0o755)
        return path

    def calls(self) -> list[str]:
        """The command lines so far, and forget them."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


def script(path: Path, body: str) -> None:
    """Make it a program in Python; the interpreter's path may have a blank, which #! cannot."""
    start = f"#!/bin/sh\n'''exec' '{sys.executable}' \"$0\" \"$@\"\n' '''\n"
    path.write_text(start + body)
    path.chmod(0o755)


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """Fake programs, alone in PATH."""
    fakes = Fakes(tmp_path)
    monkeypatch.setenv("PATH", str(fakes.folder))
    return fakes


@pytest.fixture
def forget() -> Iterator[Callable[[], None]]:
    """Forget what was read of versions.yaml and its like, now and at the end."""
    from mlops_lab.actions.standins import stand_ins
    from mlops_lab.cluster import platform
    from mlops_lab.toolchain import versions

    def clear() -> None:
        for function in (versions.document, versions.components, platform.parts, stand_ins):
            function.cache_clear()

    clear()
    yield clear
    clear()
