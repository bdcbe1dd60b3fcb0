"""The image builder where labs find it, and images whose every byte is pinned."""

import re
from pathlib import Path

from fakes import Fakes
from mlops_lab.cluster.images import churn
from mlops_lab.cluster.images.builder import Builder

BUILDAH = Builder("buildah", "localhost/lab/python:bookworm")


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


def test_old_layers_go_when_they_fill_more_than_they_may(
    fakes: Fakes, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(churn, "wheels", lambda: tmp_path)
    monkeypatch.setattr(churn, "debian", lambda base: tmp_path / "python-0a1b2c.tar")
    for name in ("buildah", "unshare"):
        fakes.add(name)
    phases = {phase.name: phase for phase in churn.phases(BUILDAH, ())}
    pruned = []
    for filled in (churn.KEPT, churn.KEPT + 1):
        fakes.add("du", f"echo {filled} there")
        phases["builder"].up()
        pruned.append(any(" rmi --prune" in call for call in fakes.calls()))
    assert pruned == [False, True]
