"""A step that fails ends when its last line is in act's log."""

import json
import subprocess
from pathlib import Path

import pytest

from actions.conftest import Make
from conftest import Started
from mlops_lab.actions import act
from mlops_lab.actions.shells import SHELLS, Shells

JOBS = "abcdefghijklmnopqrst"
FAILING = "on: push\njobs:\n" + "".join(
    f"  {job}: {{runs-on: x, steps: [{{run: 'echo why; exit 3'}}]}}\n" for job in JOBS
)


@pytest.fixture
def shells(tmp_path: Path) -> Shells:
    return Shells(tmp_path / "shells")


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_that_fails_waits_until_it_is_heard(shells: Shells, name: str) -> None:
    with Started(
        [shells.folder / name, "-c", 'echo "why: $PATH"; exit 3'],
        env={"PATH": f"/first:{shells.folder}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "why: /first:/usr/bin:/bin\n"
        assert process.stdout.readline() == "\n"
        # As act writes a line, in JSON.
        line = json.dumps({"msg": process.stdout.readline()})
        assert process.poll() is None
        assert json.loads(shells.heard(line)) == {"msg": "\n"}
        assert process.wait() == 3


def test_a_shell_that_succeeds_says_nothing_more(shells: Shells) -> None:
    done = subprocess.run(
        [shells.folder / "bash", "-c", "echo well"], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("well\n", "")


def test_one_that_is_gone_is_not_waited_for(shells: Shells) -> None:
    assert shells.heard(json.dumps({"msg": "\036\021\036"})) == '{"msg": ""}'


def test_no_failed_step_loses_its_last_line(make: Make) -> None:
    # A secret may be a digit of the number that the shell says.
    run = act.run(make(it=FAILING), "push", {}, secrets={f"S{n}": str(n) for n in range(1, 10)})
    assert [step.lines[:-1] for step in run.steps] == [("why",)] * len(JOBS)
