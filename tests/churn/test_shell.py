"""How programs are called, and later steps told: labs/churn/delivery/shell.py."""

import sys
from pathlib import Path

import pytest

from churn.conftest import DIGEST


def test_a_failed_command_ends_the_step_with_what_it_said(delivery) -> None:
    script = "import sys; sys.exit('it went wrong')"
    with pytest.raises(SystemExit, match=r"failed \(1\): it went wrong"):
        delivery.shell.call(sys.executable, "-c", script, "an", "argument")


def test_a_variable_that_is_not_set_is_named(delivery) -> None:
    with pytest.raises(SystemExit, match="GITHUB_SHA is not set"):
        delivery.shell.need("GITHUB_SHA")


def test_an_output_goes_to_later_steps_and_to_the_log(
    delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    delivery.shell.output("image", DIGEST)
    delivery.shell.output("commit", "abc")
    assert (tmp_path / "output").read_text() == f"image={DIGEST}\ncommit=abc\n"
    assert capsys.readouterr().out == f"image: {DIGEST}\ncommit: abc\n"


def test_an_output_of_two_lines_is_refused(
    delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second line would be an output of its own."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with pytest.raises(ValueError, match="one line"):
        delivery.shell.output("commit", "abc\nimage=evil")
    assert not (tmp_path / "output").exists()
