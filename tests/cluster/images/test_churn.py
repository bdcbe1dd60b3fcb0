"""The image builder where labs find it, and images whose every byte is pinned."""

import re
from pathlib import Path

from fakes import Fakes
from mlops_lab.cluster.images import churn
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.steps import Step

DOCKER = Builder("docker", "python:3.11-slim-bookworm")
BUILDAH = Builder("buildah", "localhost/lab/python:bookworm")


def step(builder: Builder, name: str) -> Step:
    return next(step for step in churn.steps(builder, ("registry",)) if step.name == name)


def test_every_wheel_has_a_hash() -> None:
    lines = (churn.FILES / "wheels.txt").read_text().replace("\\\n", " ").splitlines()
    pins = [line for line in lines if line[:1].isalnum()]
    assert pins
    assert all(re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_what_changes_the_image_changes_its_name(tmp_path: Path, monkeypatch) -> None:
    names = {churn._cached(version) for version in churn.MODELS}
    assert len(names) == len(churn.MODELS)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.setattr(churn, "FILES", tmp_path)
    first = churn._cached("1")
    assert first not in names
    (tmp_path / "Dockerfile").write_text("FROM other\n")
    assert churn._cached("1") != first


def test_buildah_has_a_storage_of_its_own(fakes: Fakes, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(churn, "wheels", lambda: tmp_path)
    monkeypatch.setattr(churn, "debian", lambda base: tmp_path / "python-0a1b2c.tar")
    buildah = fakes.add("buildah")
    fakes.add("unshare")
    storage = tmp_path / "cache" / "builds"
    fakes.add("du", f"echo {churn.KEPT} {storage}")
    du = f"du --summarize --block-size=1 {storage}"
    builder = step(BUILDAH, "builder")
    builder.up()
    assert builder.done()
    begin = f"unshare --mount -- {buildah} --root {storage}/root --runroot {storage}/run "
    inspect = f"{begin}inspect {BUILDAH.base}-0a1b2c"
    inputs = f"--build-context=wheels={tmp_path} --build-arg=BASE={BUILDAH.base}"
    packages = f"--target=build --tag={churn.PACKAGES} {churn.FILES}"
    named = f"{begin}build {inputs} {packages}"
    assert fakes.calls() == [du, inspect, named]
    fakes.add("du", f"echo {churn.KEPT + 1} {storage}")
    builder.up()
    assert fakes.calls() == [du, f"{begin}rm --all", f"{begin}rmi --prune", inspect, named]
