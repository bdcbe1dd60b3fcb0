"""The small Debian under some archives."""

from pathlib import Path

import pytest

from fakes import Fakes
from mlops_lab.cluster.images import archives
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import cache

# The last argument is the file to write.
HALF = 'for last; do :; done; echo debian > "$last"'


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))


def test_one_that_cannot_be_made_says_why(fakes: Fakes) -> None:
    fakes.add("mmdebstrap", f"{HALF}; echo E: no mirror >&2; exit 25")
    with pytest.raises(LabError, match=r"(?s)mmdebstrap .*bookworm.*E: no mirror"):
        archives.debian("tools")
    assert list((cache.folder() / "bases").iterdir()) == []


def test_other_packages_make_another_base(fakes: Fakes, monkeypatch) -> None:
    fakes.add("mmdebstrap", HALF)
    first = archives.debian("tools")
    bases = {"tools": {"suite": "bookworm", "packages": ["git"]}}
    monkeypatch.setattr(archives, "document", lambda: {"bases": bases})
    assert archives.debian("tools") != first
