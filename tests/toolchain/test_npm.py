"""An npm package: from the registry that npm's settings name, and only with the right sum."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import npm
from mlops_lab.toolchain.versions import Component, component


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, and none of the user's variables."""
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry", "NPM_CONFIG_USERCONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    return tmp_path / "npmrc"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", npm.REGISTRY),
        ("fund=false\n# registry=https://no.example/\n", npm.REGISTRY),
        ("@mine:registry=https://no.example/\n", npm.REGISTRY),
        ("registry=https://mirror.example/npm/\n", "https://mirror.example/npm/"),
        ('registry = "https://${MIRROR}/npm"\n', "https://mirror.example/npm"),
    ],
)
def test_the_registry_is_that_of_the_user_s_file(
    settings: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: str
) -> None:
    monkeypatch.setenv("MIRROR", "mirror.example")
    settings.write_text(text)
    assert npm.registry() == found


@pytest.mark.parametrize("name", ["NPM_CONFIG_REGISTRY", "npm_config_registry"])
def test_a_variable_goes_before_the_file(
    settings: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings.write_text("registry=https://file.example/\n")
    monkeypatch.setenv(name, "https://variable.example/")
    assert npm.registry() == "https://variable.example/"


def test_without_a_file_it_is_npm_s_own(settings: Path) -> None:
    assert not settings.exists()
    assert npm.registry() == npm.REGISTRY


@pytest.fixture
def released(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """A registry in a folder, with a package of one file; its component is given a sum."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        entry = tarfile.TarInfo("package/dist/index.js")
        entry.size = len(b"code")
        tar.addfile(entry, io.BytesIO(b"code"))
    file = tmp_path / "registry" / "small" / "-" / "small-1.2.3.tgz"
    file.parent.mkdir(parents=True)
    file.write_bytes(archive.getvalue())
    settings.write_text(f"registry={(tmp_path / 'registry').as_uri()}/\n")

    def release(integrity: str) -> None:
        made = Component("small", "1.2.3", integrity=integrity or npm.integrity(file.read_bytes()))
        monkeypatch.setattr(npm, "component", lambda name: made)

    return release


def test_a_package_is_unpacked_once(released: Callable[[str], None], tmp_path: Path) -> None:
    released("")
    folder = npm.package("small")
    assert (folder / "dist" / "index.js").read_bytes() == b"code"
    (tmp_path / "registry" / "small" / "-" / "small-1.2.3.tgz").unlink()
    assert npm.package("small") == folder


def test_another_sum_is_refused(released: Callable[[str], None]) -> None:
    released("sha512-AAAA")
    with pytest.raises(LabError, match=r"its sum is sha512-\S+, versions.yaml has sha512-AAAA"):
        npm.package("small")


def test_one_that_cannot_be_had_is_named(released: Callable[[str], None], settings: Path) -> None:
    released("")
    settings.write_text(f"registry={settings.parent.as_uri()}/nowhere/\n")
    with pytest.raises(LabError, match=r"cannot get file:\S+/nowhere/small/-/small-1\.2\.3\.tgz"):
        npm.package("small")


def test_an_address_that_is_none_is_named(released: Callable[[str], None], settings: Path) -> None:
    released("")
    settings.write_text("registry=http://localhost:port/\n")
    with pytest.raises(LabError, match="cannot get http://localhost:port/small"):
        npm.package("small")


def test_the_scheduler_is_pinned_by_its_content() -> None:
    assert component("ts-fsrs").integrity.startswith("sha512-")
