"""How an image gets into the configuration repository: labs/mlops/delivery/manifest.py."""

import sys
from pathlib import Path

import pytest
from delivery import manifest

from mlops.conftest import DIGEST, git


@pytest.mark.parametrize(
    "image",
    ["mlops/churn:latest", "mlops/churn", DIGEST[:-1], f"{DIGEST}0", DIGEST.upper(), f"a {DIGEST}"],
)
def test_the_manifest_takes_nothing_but_a_digest(tmp_path, program, image) -> None:
    calls = program("kustomize")
    with pytest.raises(SystemExit, match="no reference by digest"):
        manifest.write(tmp_path, image)
    assert not calls.exists()


def test_kustomize_edits_the_one_image_of_the_overlay(tmp_path: Path, program) -> None:
    calls = program("kustomize")
    (tmp_path / "overlays/dev").mkdir(parents=True)
    manifest.write(tmp_path, DIGEST)
    assert calls.read_text() == f"{tmp_path}/overlays/dev: edit set image churn={DIGEST}\n"


def test_the_manifest_goes_from_the_clone_to_the_server(
    server: Path, tmp_path: Path, program, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "begin/overlays/dev").mkdir(parents=True)
    (tmp_path / "begin/overlays/dev/kustomization.yaml").write_text("images: []\n")
    git("begin", "add", ".")
    git("begin", "commit", "--quiet", "--message", "overlay")
    git("begin", "push", "--quiet", str(server), "main")
    program("kustomize", says='echo "image: $5" >kustomization.yaml; echo stray >../stray')
    monkeypatch.setenv("CONFIG_REPOSITORY", str(server))
    monkeypatch.setenv("IMAGE", DIGEST)
    monkeypatch.setenv("GITHUB_SHA", "f" * 40)
    monkeypatch.setenv("REVISION", "0123456789abcdef")
    for command in ("write", "publish"):
        monkeypatch.setattr(sys, "argv", ["manifest", command])
        manifest.main(tmp_path / "config")
    monkeypatch.setattr(sys, "argv", ["manifest", "other"])
    with pytest.raises(SystemExit, match="write or publish, not other"):
        manifest.main(tmp_path / "config")
    assert f"commit: {git(server, 'rev-parse', 'main')}" in capsys.readouterr().out
    assert git(server, "log", "-1", "--format=%s", "main") == "dev: churn from 0123456789ab"
    assert git(server, "show", "--name-only", "--format=", "main") == (
        "overlays/dev/kustomization.yaml"
    )
