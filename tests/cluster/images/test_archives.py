"""Archives of images: every digest is right, and everything starts as the released image does."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mlops_lab.cluster.images import archives
from mlops_lab.toolchain.versions import Component

PLAIN = Component("plain", "v1.0.0", image="example.org/plain", at="/plain", user="65534")
RICH = Component(
    "rich",
    "v2.0.0",
    module="example.org/rich",
    image="example.org/rich",
    at="/usr/local/bin/rich",
    base="tools",
    user="999",
    entrypoint=("/usr/bin/tini", "--"),
    links=("/usr/local/bin/rich-server",),
    files={"/usr/local/bin/entrypoint.sh": "hack/entrypoint.sh"},
    beside={"/usr/local/bin/helper": "plain"},
)


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs, sources and a base that are small files."""

    def program(name: str) -> Path:
        path = tmp_path / f"built-{name}"
        if not path.exists():
            path.write_text(f"I am {name}")
        return path

    script = tmp_path / "module" / "hack" / "entrypoint.sh"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    with tarfile.open(tmp_path / "base.tar", "w") as base:
        base.addfile(tarfile.TarInfo("etc"))
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(archives, "program", program)
    monkeypatch.setattr(archives, "source", lambda component: tmp_path / "module")
    monkeypatch.setattr(archives, "debian", lambda base: tmp_path / "base.tar")
    monkeypatch.setattr(archives, "components", lambda: {"plain": PLAIN, "rich": RICH})
    return tmp_path


class Archive:
    """A docker-archive, read as `docker load` does."""

    def __init__(self, path: Path) -> None:
        with tarfile.open(path) as archive:
            names = archive.getnames()
            assert len(set(names)) == len(names)
            self.files = {name: archive.extractfile(name).read() for name in names}
        self.manifest = json.loads(self.files["manifest.json"])

    def image(self, reference: str) -> dict[str, Any]:
        return next(entry for entry in self.manifest if entry["RepoTags"] == [reference])

    def config(self, reference: str) -> dict[str, Any]:
        return json.loads(self.files[self.image(reference)["Config"]])

    def layer(self, reference: str, number: int = -1) -> tarfile.TarFile:
        return tarfile.open(fileobj=io.BytesIO(self.files[self.image(reference)["Layers"][number]]))


def archive(*built: Component, base: str = "") -> Archive:
    return Archive(archives._archive(built[0].name, built, base))


def test_images_of_one_base_share_its_layer() -> None:
    two = Component("two", "v1", image="two", at="/two", base="tools")
    found = archive(RICH, two, base="tools")
    assert len({entry["Layers"][0] for entry in found.manifest}) == 1
    assert len(found.manifest) == 3


def test_another_program_makes_another_archive(world: Path, monkeypatch) -> None:
    first = archives._archive("plain", [PLAIN])
    assert archives._archive("plain", [PLAIN]) == first
    (world / "rebuilt").write_text("I am plain, but newer")
    monkeypatch.setattr(archives, "program", lambda name: world / "rebuilt")
    assert archives._archive("plain", [PLAIN]) != first
