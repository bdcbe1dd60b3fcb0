"""`lab test` judges the execution of `lab run` where it is of what is here now, and only there."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, TINY, Mini, run
from mlops_lab.testing.suite import NBVAL

STEM = "01-one"
HELPER = "from mlops_lab.helpers.figures import show"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Mini:
    """A checkout with a lab that counts its executions, recorded."""
    mini = Mini(tmp_path_factory.mktemp("template") / "root")
    count = "import os\n_ = open(os.environ['LAB_TEST_ROOT'] + '/count', 'a').write('x')"
    mini.lab(STEM, f"{count}\nprint('one')\nprint('two')", HELPER, services=("tiny",))
    done = mini.call("record")
    assert done.returncode == 0, done.stdout
    (mini.root / "count").unlink()
    return mini


@pytest.fixture
def recorded(template: Mini, tmp_path: Path) -> Mini:
    """Another just like it, with an engine of its own, so that a test may change a helper."""
    mini = Mini(tmp_path / "root", like=template)
    mini.engine = tmp_path / "scripts"
    shutil.copytree(ROOT / "scripts", mini.engine, ignore=shutil.ignore_patterns("__py*"))
    return mini


def judge(mini: Mini) -> tuple[int, int, str]:
    """The status of pytest as `lab test` calls it, how often the lab was executed, what was said.

    Not by `lab test` itself: it leaves this checkout's own engine on the path of its children.
    """
    command = [sys.executable, "-m", "pytest", *NBVAL, "notebooks"]
    command += ["--nbval-sanitize-with=tests/sanitizers.cfg"]
    done = run(*command, status=None, cwd=mini.root, env=mini.env())
    count = mini.root / "count"
    return done.returncode, len(count.read_text()) if count.exists() else 0, done.stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def notebook(mini: Mini) -> Path:
    return mini.root / "notebooks" / f"{STEM}.ipynb"


def test_what_has_just_run_is_not_executed_again(recorded: Mini) -> None:
    status, executed, said = judge(recorded)
    assert status == 0, said
    assert executed == 0
    assert f"judged by their last run: {STEM}" in said
    assert "3 passed" in said
    assert "3 passed" in recorded.call("test", "--", "-n", "0").stdout
    assert not (recorded.root / "count").exists()


def test_a_changed_output_is_noticed_without_executing(recorded: Mini) -> None:
    edit(notebook(recorded), '"one\\n"', '"eins\\n"')
    status, executed, said = judge(recorded)
    assert (status, executed) == (1, 0)
    assert "eins" in said
    assert "Cell outputs differ" in said


def test_outputs_are_compared_after_the_sanitizers_and_only_then(recorded: Mini) -> None:
    edit(notebook(recorded), '"one\\n"', '"eins\\n"')
    (recorded.root / "tests/sanitizers.cfg").write_text("[word]\nregex: one|eins\nreplace: WORD\n")
    assert judge(recorded)[:2] == (0, 0)


def changed_cell(mini: Mini) -> None:
    edit(notebook(mini), "print('two')", "print('t' + 'wo')")


def changed_helper(mini: Mini) -> None:
    with (mini.engine / "mlops_lab/helpers/figures.py").open("a") as file:
        file.write("# another\n")


def changed_service(mini: Mini) -> None:
    mini.services({"tiny": {**TINY, "timeout": 21}})


def changed_needs(mini: Mini) -> None:
    edit(notebook(mini), '"prepare": []', '"prepare": ["project"]')
    (mini.root / "labs/churn/file").touch()


def stale(mini: Mini) -> None:
    """The execution is of an earlier state, as when all of the above was turned back."""
    path = mini.root / "build/executions" / f"{STEM}.ipynb"
    execution = json.loads(path.read_text())
    execution["metadata"]["fingerprint"] = "0" * 64
    path.write_text(json.dumps(execution))


def removed(mini: Mini) -> None:
    shutil.rmtree(mini.root / "build")


CHANGES = (changed_cell, changed_helper, changed_service, changed_needs, stale, removed)
# What decides whether nbval is given a replay or a kernel.
FITS = f"""
from mlops_lab.lab.catalog import read
from mlops_lab.runs.executions import fitting
print(fitting(read({STEM!r})) is not None)
"""


def fits(mini: Mini) -> str:
    return run(sys.executable, "-c", FITS, cwd=mini.root, env=mini.env()).stdout.strip()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_an_execution_of_another_state_does_not_fit(
    recorded: Mini, change: Callable[[Mini], None]
) -> None:
    assert fits(recorded) == "True"
    change(recorded)
    assert fits(recorded) == "False"


def test_what_does_not_fit_is_executed(recorded: Mini) -> None:
    changed_cell(recorded)
    status, executed, said = judge(recorded)
    assert status == 0, said
    assert executed == 1
    assert "judged by their last run: none" in said


def test_a_failed_run_leaves_nothing_to_judge(recorded: Mini) -> None:
    edit(notebook(recorded), HELPER, "raise SystemExit(1)")
    assert recorded.call("run", "--no-book").returncode == 1
    status, executed, said = judge(recorded)
    assert (status, executed) == (1, 2)
    assert "Cell execution caused an exception" in said


def test_a_change_during_the_run_leaves_nothing_to_judge(recorded: Mini) -> None:
    path = recorded.root / "labs/churn/late"
    edit(notebook(recorded), '"prepare": []', '"prepare": ["project"]')
    edit(notebook(recorded), HELPER, f"open({str(path)!r}, 'w').close()")
    assert recorded.call("run", "--no-book").returncode == 0
    assert not (recorded.root / "build/executions" / f"{STEM}.ipynb").exists()
