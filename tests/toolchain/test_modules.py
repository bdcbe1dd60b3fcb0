"""Sources of Go modules: only what go.sum says, and all of it."""

import functools
import os
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import answering
from fakes import Fakes
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.toolchain import modules
from mlops_lab.toolchain.modules import dirhash, source
from mlops_lab.toolchain.versions import Component, component

TINY = {"go.mod": "module example.org/tiny\n", "Zebra.txt": "", "a/ä.yaml": "image: example\n"}
# What golang.org/x/mod v0.32.0, sumdb/dirhash.HashZip, says of a zip with these files.
TINY_SUM = "h1:2fM1YVndC+6zcyJiQG9+IIKaxLyzISCm1daH0fzgrBk="
CAPITAL = Component("capital", "v2.0.1", module="example.org/Big/capitalLetters/v2")


def pack(path: Path, prefix: str, files: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{prefix}/{name}", text)
    return path


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that a module proxy serves, with the capital module in it and in go.sum."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    folder = tmp_path / "proxy"
    prefix = f"{CAPITAL.module}@{CAPITAL.version}"
    file = pack(folder / "example.org/!big/capital!letters/v2/@v/v2.0.1.zip", prefix, TINY)
    monkeypatch.setattr(modules, "CLUSTER", tmp_path)
    sums = tmp_path / "build" / CAPITAL.name / "go.sum"
    sums.parent.mkdir(parents=True)
    with zipfile.ZipFile(file) as archive:
        own = f"{CAPITAL.module} {CAPITAL.version} {dirhash(archive)}\n"
    sums.write_text(f"{CAPITAL.module} {CAPITAL.version}/go.mod h1:other=\n{own}")
    handler = functools.partial(Quiet, directory=str(folder))
    with answering(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
        monkeypatch.setenv("GOPROXY", f"{url},direct")
        monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
        yield folder


def nothing_cached(tmp_path: Path) -> bool:
    return not any(path.is_file() for path in (tmp_path / "cache").rglob("*")) and not os.listdir(
        tmp_path / "cache/modules"
    )


def test_the_sum_is_go_s(tmp_path: Path) -> None:
    with zipfile.ZipFile(pack(tmp_path / "tiny.zip", "example.org/tiny@v1.0.0", TINY)) as archive:
        assert dirhash(archive) == TINY_SUM
    other = {**TINY, "go.mod": "module example.org/tinY\n"}
    with zipfile.ZipFile(pack(tmp_path / "tiny.zip", "example.org/tiny@v1.0.0", other)) as archive:
        assert dirhash(archive) != TINY_SUM


def test_a_cached_source_is_exactly_what_go_sum_says(tmp_path: Path) -> None:
    wanted = component("metrics-server")
    folder, prefix = source(wanted), f"{wanted.module}@{wanted.version}"
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, f"{prefix}/{path.relative_to(folder)}")
    text = (CLUSTER / "build/metrics-server/go.sum").read_text()
    with zipfile.ZipFile(tmp_path / "again.zip") as archive:
        assert f"{wanted.module} {wanted.version} {dirhash(archive)}\n" in text


def test_a_source_is_unpacked_without_its_prefix(proxy: Path) -> None:
    folder = source(CAPITAL)
    files = {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert files == TINY


def test_a_cached_source_needs_no_proxy(proxy: Path, monkeypatch) -> None:
    folder = source(CAPITAL)
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")
    assert source(CAPITAL) == folder


def test_another_zip_than_go_sum_s_is_refused(proxy: Path, tmp_path: Path) -> None:
    file = next(proxy.rglob("*.zip"))
    pack(file, f"{CAPITAL.module}@{CAPITAL.version}", {**TINY, "Zebra.txt": "striped"})
    with pytest.raises(LabError, match=r"/v2\.0\.1\.zip: its sum is h1:.*, go\.sum has h1:"):
        source(CAPITAL)
    assert nothing_cached(tmp_path)


def test_what_is_no_zip_is_refused(proxy: Path, tmp_path: Path) -> None:
    next(proxy.rglob("*.zip")).write_text("<html>Please log in to this network</html>")
    with pytest.raises(LabError, match=r"v2\.0\.1\.zip"):
        source(CAPITAL)
    assert nothing_cached(tmp_path)


def test_a_module_that_the_proxy_has_not_is_named(proxy: Path, tmp_path: Path) -> None:
    next(proxy.rglob("*.zip")).unlink()
    with pytest.raises(LabError, match=r"cannot get http.*/!big/capital!letters/v2/@v/.*404"):
        source(CAPITAL)
    assert nothing_cached(tmp_path)


def test_a_proxy_that_cannot_be_reached_is_named(proxy: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")
    with pytest.raises(LabError, match=r"cannot get http://127\.0\.0\.1:9/.*refused"):
        source(CAPITAL)
    assert nothing_cached(tmp_path)


@pytest.mark.parametrize("value", ["", "{url}|direct"])
def test_an_empty_goproxy_is_what_go_is_set_to_and_bars_separate_too(
    proxy: Path, monkeypatch: pytest.MonkeyPatch, fakes: Fakes, value: str
) -> None:
    url = os.environ["GOPROXY"].split(",")[0]
    fakes.add("go", f"echo {url},direct")
    monkeypatch.setenv("GOPROXY", value.format(url=url))
    assert (source(CAPITAL) / "go.mod").exists()
    assert fakes.calls() == ([] if value else ["go env GOPROXY"])


@pytest.mark.parametrize("value", ["direct", "off"])
def test_a_goproxy_without_an_address_is_told(proxy: Path, monkeypatch, value: str) -> None:
    monkeypatch.setenv("GOPROXY", value)
    with pytest.raises(LabError, match=value):
        source(CAPITAL)


def test_a_component_without_a_sum_is_named(proxy: Path) -> None:
    other = Component("capital", "v2.0.2", module=CAPITAL.module)
    with pytest.raises(LabError, match=r"build/capital/go\.sum has no sum of .* v2\.0\.2"):
        source(other)
