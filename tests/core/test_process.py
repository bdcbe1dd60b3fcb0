"""Programs that fail say why: scripts/mlops_lab/core/process.py, and the tests' own helper."""

from pathlib import Path

import pytest

from conftest import ROOT, Mini, run
from mlops_lab.core import process
from mlops_lab.core.errors import LabError

FAILS = ("sh", "-c", "echo half; echo 'no disk' >&2; exit 3")


def test_what_a_program_prints_is_returned(tmp_path: Path) -> None:
    script = 'read line; echo "$line $A $PWD"'
    said = process.run("sh", "-c", script, folder=tmp_path, env={"A": "b"}, told="hello\n")
    assert said == f"hello b {tmp_path}\n"


def test_a_failure_has_command_status_and_output() -> None:
    with pytest.raises(LabError) as error:
        process.run(*FAILS)
    command = "sh -c 'echo half; echo '\"'\"'no disk'\"'\"' >&2; exit 3'"
    assert str(error.value) == f"{command}: exit status 3\nhalf\nno disk"


def test_a_failure_without_a_word_is_told() -> None:
    with pytest.raises(LabError, match=r"^false: exit status 1\nit said nothing$"):
        process.run("false")


def test_of_a_long_output_the_end_is_kept() -> None:
    with pytest.raises(LabError) as error:
        process.run("sh", "-c", "seq 100000; exit 1")
    assert str(error.value).endswith("\n99999\n100000")
    assert len(str(error.value)) < 2 * process.SHOWN


def test_what_is_not_utf_8_is_no_traceback() -> None:
    assert process.run("printf", r"\377") == "\ufffd"


@pytest.mark.parametrize("folder", [None, Path("/nowhere")])
def test_what_cannot_be_started_is_named(folder: Path | None) -> None:
    with pytest.raises(LabError, match=r"^no-such-program --help: .*No such file"):
        process.run("no-such-program", "--help", folder=folder)


def test_a_failure_may_be_an_answer() -> None:
    assert process.attempt("false").returncode == 1


def test_a_test_that_runs_a_program_shows_its_output() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"exit status 3, not 0\nhalf\nno disk\n$"):
        run(*FAILS)
    assert run(*FAILS, status=3).stderr == "no disk\n"


def test_a_test_that_calls_lab_shows_its_output(
    mini: Mini, capsys: pytest.CaptureFixture[str]
) -> None:
    said = mini.call("rum").stdout
    assert said in capsys.readouterr().out


def test_children_of_tests_have_a_python_and_no_configuration_of_git() -> None:
    assert run("python", "-c", "import mlops_lab").stdout == ""
    listed = run("git", "config", "--list", "--show-origin", "--global", "--null").stdout
    own = f"file:{ROOT / '.lab/home/.gitconfig'}"
    assert {*listed.split("\0")[:-1:2]} == {own}
