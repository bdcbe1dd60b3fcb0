"""How programs are called, and later steps told: labs/mlops/delivery/shell.py."""

import sys
from pathlib import Path

import pytest
from delivery import shell

from mlops.conftest import DIGEST


def test_a_failed_command_ends_the_step_with_what_it_said() -> None:
    script = "import sys; print('a' * 9, end=' '); sys.exit('b' * 1994)"
    with pytest.raises(SystemExit, match=r" an argument failed \(1\): a{5} b{1994}$"):
        shell.call(sys.executable, "-c", script, "an", "argument")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(SystemExit, match="GITHUB_SHA is not set"):
        shell.need("GITHUB_SHA")


def test_an_output_goes_to_later_steps_and_to_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    shell.output(image=DIGEST)
    shell.output(commit="abc")
    assert (tmp_path / "output").read_text() == f"image={DIGEST}\ncommit=abc\n"
    assert capsys.readouterr().out == f"image: {DIGEST}\ncommit: abc\n"


def test_an_output_of_two_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its second line would be an output of its own."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with pytest.raises(ValueError, match="one line"):
        shell.output(commit="abc\nimage=evil")
    assert not (tmp_path / "output").exists()


def test_truth_is_spelled_as_workflows_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    shell.output(promote=True, version=3, champion="")
    assert (tmp_path / "outputs").read_text() == "promote=true\nversion=3\nchampion=\n"
