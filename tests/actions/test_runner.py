"""What happens on GitHub starts what it starts there."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.conftest import Make, commit, git
from mlops_lab.actions.events import Refused
from mlops_lab.actions.runner import Runner
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT

EVENING = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
CI = """
name: ci
on:
  push: {branches: [main]}
jobs:
  it:
    runs-on: x
    steps:
      - uses: actions/checkout@v7
      - name: Say
        run: |
          echo "${{ github.event_name }} ${{ github.ref }} ${{ github.run_number }}"
          echo "$(git rev-parse HEAD) ${{ github.sha }}"
          echo "$(git remote get-url origin) $(ls *.txt 2>/dev/null)"
"""
CT = """
name: ct
on:
  schedule: [{cron: "0 2 * * *"}, {cron: "30 6 * * 1", timezone: Europe/Berlin}]
  repository_dispatch: {types: [new-data-arrived]}
  workflow_dispatch: {inputs: {rows: {default: "10"}}}
concurrency: {group: "training-${{ github.ref }}"}
jobs:
  it:
    runs-on: x
    steps:
      - name: Say
        run: >-
          echo "${{ github.event_name }} ${{ github.ref }}
          ${{ github.event.client_payload.uri }}${{ inputs.rows }}${{ github.event.schedule }}"
"""
WAIT = """
name: wait
on: push
concurrency: {group: deploy}
jobs: {it: {runs-on: x, steps: [{name: Wait, run: 'echo > $BEGAN; cat $END'}]}}
"""


@pytest.fixture
def folder(make: Make) -> Path:
    return make(ci=CI, ct=CT)


@pytest.fixture
def runner(folder: Path) -> Iterator[Runner]:
    runner = Runner(folder, clock=lambda: EVENING)
    yield runner
    runner.close()


def test_a_push_runs_the_commit_and_not_the_folder(folder: Path, runner: Runner) -> None:
    sha = commit(folder, {"in.txt": ""})
    (folder / "out.txt").touch()
    (ran,) = runner.push().wait()
    assert (ran.workflow, ran.status) == ("ci", "success")
    assert ran.step("Say").lines == ("push refs/heads/main 1", f"{sha} {sha}", f"{folder} in.txt")
    (again,) = runner.push().wait()
    assert again.step("Say").lines[0] == "push refs/heads/main 2"
    assert again.id != ran.id
    assert git(folder, "status", "--short") == "?? out.txt"


def test_a_push_elsewhere_or_with_skip_ci_runs_nothing(folder: Path, runner: Runner) -> None:
    git(folder, "switch", "--quiet", "-c", "dev")
    assert runner.push() == []
    git(folder, "switch", "--quiet", "main")
    commit(folder, {"a": ""}, "Record the model\n\n[skip ci]")
    assert runner.push() == []
    assert runner.runs == []


def test_paths_are_those_since_the_last_push(make: Make) -> None:
    folder = make(ci=CI.replace("branches: [main]", "paths: ['src/**']"))
    runner = Runner(folder)
    commit(folder, {"src/a.py": ""})
    assert len(runner.push()) == 1
    commit(folder, {"README.md": ""})
    assert runner.push() == []
    runner.close()


def test_a_dispatch_brings_its_payload_to_the_default_branch(runner: Runner) -> None:
    (ran,) = runner.dispatch("new-data-arrived", {"uri": "s3://new"}).wait()
    assert ran.step("Say").log() == "repository_dispatch refs/heads/main s3://new"
    assert runner.dispatch("something-else") == []
    with pytest.raises(Refused, match="at most 10"):
        runner.dispatch("new-data-arrived", dict.fromkeys("abcdefghijk", 1))


def test_a_hand_starts_a_workflow_with_inputs(runner: Runner) -> None:
    (ran,) = runner.manual("ct.yml", {"rows": 20}).wait()
    assert ran.step("Say").log() == "workflow_dispatch refs/heads/main 20"
    with pytest.raises(Refused, match="does not have 'workflow_dispatch'"):
        runner.manual("ci.yml")
    with pytest.raises(LabError, match=r"no workflow cx\.yml"):
        runner.manual("cx.yml")


def test_two_o_clock_comes_without_waiting(runner: Runner) -> None:
    night = EVENING + timedelta(hours=4)
    assert runner.due() == (night, "ct.yml", "0 2 * * *")
    assert runner.tick() == runner.tick(night - timedelta(seconds=1)) == []
    (ran,) = runner.tick(night).wait()
    assert ran.step("Say").log() == "schedule refs/heads/main 0 2 * * *"
    assert runner.tick(night) == []
    assert runner.due() == (night + timedelta(days=1), "ct.yml", "0 2 * * *")


def test_days_that_pass_at_once_run_one_after_another(runner: Runner) -> None:
    # From Wednesday evening to Monday: five nights, and Monday at 06:30 in Berlin.
    ran = runner.tick(EVENING + timedelta(days=4, hours=9)).wait()
    # All are of one group, but a day later the one before has long ended.
    assert [run.status for run in ran] == ["success"] * 6
    assert ran[-1].step("Say").log() == "schedule refs/heads/main 30 6 * * 1"


def test_a_group_lets_one_run_and_the_newest_wait(make: Make, tmp_path: Path) -> None:
    began, end = tmp_path / "began", tmp_path / "end"
    os.mkfifo(began)
    os.mkfifo(end)
    runner = Runner(make(wait=WAIT), env={"BEGAN": str(began), "END": str(end)})
    first, second, third = (runner.push()[0] for _ in range(3))
    began.read_text()
    assert (first.state, third.state) == ("in progress", "waiting")
    assert second.wait(LIMIT).status == "cancelled"
    end.write_text("one")
    assert first.wait(LIMIT).step("Wait").log() == "one"
    began.read_text()
    runner.close()
    assert third.wait(LIMIT).status == "cancelled"


def test_nothing_is_due_without_a_schedule(make: Make) -> None:
    assert Runner(make(ci=CI)).due() is None
