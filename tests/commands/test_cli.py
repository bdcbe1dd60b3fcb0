"""The command line: every command is there, explains itself, and starts quickly."""

import importlib
import signal
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Mini, run
from mlops_lab.commands import COMMANDS
from mlops_lab.runs.unused import without

HEAVY = ("papermill", "nbformat", "mlflow", "numpy", "pandas", "boto3", "kserve", "fsrs", "rich")


def test_a_command_s_path_is_its_file_s_path() -> None:
    files = (ROOT / "scripts/mlops_lab/commands").glob("[!_]*.py")
    assert {path.stem for path in files} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(mini: Mini, name: str) -> None:
    done = mini.call(name, "--help", COLUMNS="100")
    assert done.returncode == 0
    assert f"./lab {name}" in done.stdout.partition("Example:")[2]


def test_help_breaks_its_lines_for_the_terminal(mini: Mini) -> None:
    assert "One   \n lab's failure does not stop" in mini.call("run", "--help", COLUMNS="80").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_names_every_command(name: str) -> None:
    assert f"./lab {name}" in (ROOT / "README.md").read_text()


def loaded(code: str) -> set[str]:
    """The packages that are imported after this code."""
    code = f"import sys; {code}; print(*sys.modules)"
    done = run(sys.executable, "-c", code, env={"PYTHONPATH": str(ROOT / "scripts")})
    return {name.split(".")[0] for name in done.stdout.split()}


def test_help_imports_nothing_heavy() -> None:
    assert not loaded("import mlops_lab.__main__") & set(HEAVY)


def test_a_run_imports_nothing_of_the_cluster_or_of_stores() -> None:
    """papermill would import each store that is installed, although no notebook is in one."""
    found = loaded("import mlops_lab.runs.session, mlops_lab.runs.papermill_engine")
    assert "papermill" in found
    assert not found & {"azure", "boto3", "cryptography", "numpy", "pyarrow"}


def test_what_is_hidden_from_an_import_is_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "module_of_this_test"
    (tmp_path / f"{name}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with without(name, "json"), pytest.raises(ImportError):
        importlib.import_module(name)
    assert importlib.import_module(name)
    assert importlib.import_module("json")
    del sys.modules[name]


def test_without_a_command_the_help_is_shown(mini: Mini) -> None:
    assert "Start with: ./lab run" in mini.call().stdout


def test_an_unknown_command_is_told_with_status_2(mini: Mini) -> None:
    done = mini.call("rum")
    assert done.returncode == 2
    assert "run" in done.stdout


def test_completion_can_be_shown(mini: Mini) -> None:
    done = mini.call("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "complete -o default -F _lab_completion lab" in done.stdout


def test_clean_removes_what_was_made_and_nothing_else(mini: Mini) -> None:
    mini.lab("01-one", "print(1)")
    before = mini.committed()
    assert mini.call("run", "--no-book").returncode == 0
    assert mini.call("clean").returncode == 0
    assert not (mini.root / "build").exists()
    assert mini.committed() == before


def test_clean_keeps_the_reader_s_copies_unless_all_is_to_go(mini: Mini) -> None:
    copy = mini.root / ".lab/open/notebooks/01-one.ipynb"
    copy.parent.mkdir(parents=True)
    copy.touch()
    (mini.root / ".lab/run").mkdir()
    assert "kept .lab/open" in mini.call("clean").stdout
    assert copy.exists()
    assert not (mini.root / ".lab/run").exists()
    assert mini.call("clean", "--all").returncode == 0
    assert not (mini.root / ".lab").exists()


def test_clean_forgets_no_cluster(mini: Mini) -> None:
    provider = mini.root / ".lab/cluster/provider"
    provider.parent.mkdir(parents=True)
    provider.write_text("host")
    done = mini.call("clean")
    assert done.returncode == 1
    assert "a host cluster is up; first ./lab cluster down" in done.stdout
    assert provider.exists()


def test_doctor_names_what_is_missing_and_how_to_get_it(mini: Mini, tmp_path: Path) -> None:
    mini.lab("01-one")
    mini.versions()
    assert mini.call("doctor").returncode == 0
    done = mini.call("doctor", PATH=str(tmp_path), COLUMNS="200")
    assert done.returncode == 1
    assert "missing  git; to get it: apt-get install git" in done.stdout


AT_WORK = """
import os, signal
import mlops_lab.__main__ as lab

class Field:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGHUP)

def app(prog_name):
    class Made:
        field = Field()

lab.app = app
lab.main()
"""


def test_a_signal_that_the_caller_ignores_stays_ignored(mini: Mini) -> None:
    """As under nohup: the terminal closes, and the command goes on."""
    body = "app = lambda prog_name: (os.kill(os.getpid(), signal.SIGHUP), print('on'))"
    program = AT_WORK.replace("lab.app = app", body + "\nlab.app = app")
    ignoring = ["sh", "-c", 'trap \'\' HUP; exec "$0" -c "$1"', sys.executable, program]
    assert run(*ignoring, env=mini.env()).stdout == "on\n"


def test_a_signal_that_comes_while_a_class_is_made_is_one(mini: Mini) -> None:
    """As when a library is imported. Python 3.11 makes a RuntimeError of it."""
    done = run(sys.executable, "-c", AT_WORK, env=mini.env(), status=128 + signal.SIGHUP)
    assert done.stderr == "lab: interrupted\n"
