"""Programs that are built: with the committed sums, once, and never half."""

import os
import platform
import sys
from pathlib import Path

import pytest

from fakes import Fakes
from mlops_lab.core.errors import LabError
from mlops_lab.toolchain import cache, go, programs
from mlops_lab.toolchain.programs import is_cached, named, program
from mlops_lab.toolchain.versions import Component, component
from mlops_lab.upkeep import doctor

# Is the version that it is asked for, as Go is from 1.21 on; notes where and with what environment
# it runs, and writes what follows -o.
GO = """if [ "$1" = version ]; then echo "go version ${GOTOOLCHAIN} linux/amd64"; exit; fi
echo "$PWD CGO_ENABLED=$CGO_ENABLED GOTOOLCHAIN=$GOTOOLCHAIN"
while [ "$1" != -o ]; do shift; done
echo program > "$2"
"""


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fakes: Fakes) -> None:
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))


def test_it_is_built_without_c_by_the_wanted_go(fakes: Fakes) -> None:
    fakes.add("go", GO)
    assert program("coredns").read_text() == "program\n"
    log = (cache.folder() / "build-coredns.log").read_text()
    assert f"build/coredns CGO_ENABLED=0 GOTOOLCHAIN=go{go.version()}+auto\n" in log


def test_one_on_path_that_cannot_run_here_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fakes: Fakes
) -> None:
    """The kernel refuses it, as it does a program for another kind of processor."""
    fakes.add("go", GO)
    foreign = tmp_path / "foreign" / "prometheus"
    foreign.parent.mkdir()
    foreign.write_bytes(b"\x7fELF of another machine")
    foreign.chmod(0o755)
    monkeypatch.setenv("PATH", str(foreign.parent), prepend=os.pathsep)
    assert program("prometheus").read_text() == "program\n"


def test_without_go_and_a_wheel_it_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(LabError, match=r"no wheel of it for this machine; install Go, see go\.dev"):
        program("coredns")


def test_a_build_that_fails_shows_its_end_and_leaves_nothing(fakes: Fakes) -> None:
    fakes.add("go", GO + "echo main.go:7: undefined: x >&2; exit 1")
    with pytest.raises(LabError, match=r"(?s)coredns v.* does not build\n.*undefined: x"):
        program("coredns")
    assert not is_cached("coredns")
    assert list((cache.folder() / "programs").iterdir()) == []


def test_a_build_s_name_is_of_its_version_and_its_files(tmp_path: Path, monkeypatch) -> None:
    files = tmp_path / "build" / "coredns"
    files.mkdir(parents=True)
    (files / "go.sum").write_text("one")
    monkeypatch.setattr(programs, "CLUSTER", tmp_path)
    wanted = component("coredns")
    first = programs._cached(wanted)
    assert first.startswith(f"programs/coredns-{wanted.version}-")
    assert programs._cached(Component("coredns", "v2")) != first
    (files / "go.sum").write_text("two")
    assert programs._cached(wanted) != first
    (files / "go.sum").write_text("one")
    monkeypatch.setattr(go, "version", lambda: "1.99.0")
    assert programs._cached(wanted) != first


@pytest.mark.parametrize(
    ("version", "same"), [("1.7.12", True), ("v1.7.12", True), ("1.0.0", False)]
)
def test_a_program_of_labs_may_be_on_the_path_in_this_version(
    fakes: Fakes, version: str, same: bool
) -> None:
    fakes.add("go", GO)
    fakes.add("actionlint", f"echo {version}; echo built with go1.27.3")
    assert (program("actionlint").parent == fakes.folder) == same


def test_what_gives_the_figures_of_one_system_is_not_had_on_another(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.add("go", GO)
    fakes.add("node_exporter", f"echo {component('node-exporter').version}")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert programs.at_hand("node-exporter") is None
    assert doctor._obtainable("node-exporter") is None
    with pytest.raises(LabError, match=r"for Linux's figures; open .* on Linux"):
        program("node-exporter")
    assert fakes.calls() == []
    assert program("promtool").exists()


def test_what_comes_as_a_wheel_is_taken_from_there_whatever_the_path_has(
    fakes: Fakes, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "bin").symlink_to(fakes.folder)
    fakes.add("act", "echo act version 0.2.89")
    monkeypatch.setenv("PATH", "")
    assert program("act") == tmp_path / "bin" / "act"


def test_make_is_good_in_any_version_and_is_never_built(
    fakes: Fakes, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    fakes.add("go", GO)
    assert programs.at_hand("make") is None
    with pytest.raises(LabError, match="there is no make; apt-get install make"):
        program("make")
    found = fakes.add("make", "echo GNU Make 3.81")
    assert program("make") == found
    assert fakes.calls() == []


def test_what_is_built_is_found_by_its_name(fakes: Fakes, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    fakes.add("go", GO)
    built = program("actionlint")
    assert built.name != "actionlint"
    for _ in range(2):  # a lab may come again
        folder = named(["actionlint", "make"], tmp_path / "own" / "bin")
    assert [(path.name, path.resolve()) for path in folder.iterdir()] == [("actionlint", built)]


def test_what_a_cluster_is_made_of_is_built_whatever_the_path_has(fakes: Fakes) -> None:
    fakes.add("go", GO)
    fakes.add("kustomize", f"echo {component('kustomize').version}")
    assert program("kustomize").parent == cache.folder() / "programs"
