"""Archives of images; that containerd takes them and their programs start, a cluster shows."""

import json
import tarfile
from pathlib import Path

import pytest

from mlops_lab.cluster.images import archives
from mlops_lab.toolchain.versions import Component

PLAIN = Component("plain", "v1.0.0", image="example.org/plain", at="/plain", user="65534")


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program and a base that are small files."""
    (tmp_path / "built").write_text("I am plain")
    with tarfile.open(tmp_path / "base.tar", "w") as base:
        base.addfile(tarfile.TarInfo("etc"))
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(archives, "program", lambda name: tmp_path / "built")
    monkeypatch.setattr(archives, "debian", lambda base: tmp_path / "base.tar")
    return tmp_path


def test_images_of_one_base_share_its_layer() -> None:
    pair = [Component(name, "v1", image=name, at="/one", base="tools") for name in ("one", "two")]
    with tarfile.open(archives._archive("tools", pair, "tools")) as archive:
        file = archive.extractfile("manifest.json")
        assert file
        images = json.load(file)
    assert [image["RepoTags"][0].partition(":")[0] for image in images] == [
        "lab/tools", "one", "two"
    ]  # fmt: skip
    assert len({image["Layers"][0] for image in images}) == 1


def test_images_that_labs_bring_are_not_the_cluster_s(monkeypatch: pytest.MonkeyPatch) -> None:
    brought = Component("brought", "v1", image="example.org/brought", at="/brought", labs=True)
    monkeypatch.setattr(archives, "components", lambda: {"plain": PLAIN, "brought": brought})
    assert [path.name.split("-")[0] for path in archives.archives()] == ["plain"]
    assert archives.archive_of(brought).name.startswith("brought-")


def test_another_program_makes_another_archive(world: Path, monkeypatch) -> None:
    first = archives._archive("plain", [PLAIN])
    assert archives._archive("plain", [PLAIN]) == first
    (world / "rebuilt").write_text("I am plain, but newer")
    monkeypatch.setattr(archives, "program", lambda name: world / "rebuilt")
    assert archives._archive("plain", [PLAIN]) != first
