"""Images that labs bring are imported once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mlops_lab.cluster.host import images


class Node:
    """A node that notes what it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ran = folder, list[str]()

    def run(self, command: Sequence[str]) -> str:
        self.ran.append(command[-1])
        return ""


def test_an_image_is_imported_once_and_a_newer_one_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, version = Node(tmp_path), ["1"]
    monkeypatch.setattr(images, "component", str)
    monkeypatch.setattr(images, "archive_of", lambda name: tmp_path / f"{name}-{version[-1]}.tar")
    for _ in range(2):
        images.load(node, ["a", "b"])  # type: ignore[arg-type]
    version.append("2")
    images.load(node, ["a"])  # type: ignore[arg-type]
    assert [Path(file).stem for file in node.ran] == ["a-1", "b-1", "a-2"]
