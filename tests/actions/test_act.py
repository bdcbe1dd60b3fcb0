"""Workflows run for real, each step a process of this machine."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from actions.conftest import Make, commit, git
from mlops_lab.actions import act
from mlops_lab.actions.act_process import WITHHELD, Cancel
from mlops_lab.actions.result import StepResult
from mlops_lab.core.environment import SAFE
from mlops_lab.core.errors import LabError

TWO = """
name: two
on: push
env: {WINS: workflow}
jobs:
  first:
    name: First
    runs-on: ubuntu-24.04
    outputs: {word: "${{ steps.say.outputs.word }}"}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - {id: say, name: Say, run: 'echo "word=hello" >> "$GITHUB_OUTPUT"; echo $WINS $OWN; ls'}
      - run: 'echo "${{ secrets.TOKEN }}" "${{ vars.PLACE }}"'
      - {run: exit 3, name: Stumble, continue-on-error: true}
  second:
    needs: first
    runs-on: [self-hosted, ubuntu-24.04]
    steps:
      - run: echo ${{ needs.first.outputs.word }} ${{ github.event.said }}
      - {run: exit 4, name: Break}
      - {run: echo never, name: Never}
      - {run: echo always, name: Always, if: always()}
  third: {needs: second, runs-on: ubuntu-24.04, steps: [{run: echo third}]}
"""
SECRET = "not-for-your-eyes"


def one(*lines: str, on: str = "push", more: str = "") -> str:
    """A workflow of one job, which runs each line in a step."""
    steps = "".join(f"      - run: {json.dumps(line)}\n" for line in lines)
    return f"name: one\non: {on}\n{more}jobs:\n  it:\n    runs-on: x\n    steps:\n{steps}"


def test_two_jobs_run_with_outputs_variables_and_a_payload(make: Make) -> None:
    folder, told = make(two=TWO), list[StepResult]()
    ran = act.run(
        folder,
        "push",
        {"said": "hi"},
        env={"OWN": "own", "WINS": "machine"},
        variables={"PLACE": "here"},
        secrets={"TOKEN": SECRET},
        on_step=told.append,
    )
    assert ran.step("Say").lines == ("workflow own",)
    assert ran.step("Say").seconds > 0
    assert ran.steps[2].lines == ("*** here",)
    assert ran.step("Run echo ${{ needs.first.outputs.word }} ${{ github.event.said }}").lines == (
        "hello hi",
    )
    assert ran.outputs == {"First": {"say": {"word": "hello"}}}
    assert ran.jobs == {"First": "success", "second": "failure", "third": "skipped"}
    assert SECRET not in repr(ran)
    assert SECRET not in repr(told)
    assert len(told) == 7


def test_a_failed_step_is_found_and_the_rest_is_told(make: Make) -> None:
    ran = act.run(make(two=TWO), "push", {})
    assert ran.status == "failure"
    assert ran.failed_step is ran.step("Break")
    assert ran.failed_step.lines == ("Error: Process completed with exit code 4.",)
    assert [(job, name, result) for job, name, result, _ in ran.table()] == [
        ("First", "Run actions/checkout@3d3c42e", "success"),
        ("First", "Say", "success"),
        ("First", 'Run echo "${{ secrets.TOKEN }}" "${{ vars.PLACE }}"', "success"),
        ("First", "Stumble", "failure (ignored)"),
        ("second", ran.steps[4].name, "success"),
        ("second", "Break", "failure"),
        ("second", "Never", "skipped"),
        ("second", "Always", "success"),
        ("third", "Run echo third", "skipped"),
    ]


def test_exactly_what_is_meant_to_reaches_a_step(make: Make, monkeypatch) -> None:
    for name in ("SURPRISE", "AWS_SECRET_ACCESS_KEY", "SSL_CERT_FILE", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "leaked")
    monkeypatch.setenv("LAB_OWNERS", "somebody")
    ran = act.run(make(one=one("env -0 | tr '\\n\\0' ' \\n'")), "push", {}, env={"GIVEN": "yes"})
    found = dict(text.partition("=")[::2] for text in ran.steps[0].lines)
    assert "leaked" not in found.values()
    own = {n: v for n, v in found.items() if not n.startswith(("GITHUB_", "RUNNER_"))}
    shell = {"PWD", "SHLVL", "_", "OLDPWD"}
    said = {"ACT", "CI", "ImageOS", "ACT_DISABLE_VERSION_CHECK", "LAB_OWNERS", "GIVEN"}
    assert set(own) - shell == (set(SAFE) - set(WITHHELD)) | said
    assert own["PATH"].split(os.pathsep)[0] == str(Path(sys.prefix) / "bin")
    assert own["LAB_OWNERS"].startswith("somebody:actions-")
    assert not Path(found["GITHUB_WORKSPACE"]).exists()


def test_github_s_variables_mean_what_they_mean_there(make: Make) -> None:
    fields = "sha ref ref_name repository repository_owner run_id run_number actor event_name"
    lines = [f"echo ${{{{ github.{name} }}}}" for name in fields.split()]
    folder = make(one=one(*lines, on="[push, repository_dispatch]"))
    head = git(folder, "rev-parse", "HEAD")
    payload = {"ref": "refs/heads/main", "after": head, "deleted": False}
    first = act.run(folder, "push", payload, github={"GITHUB_RUN_NUMBER": "7"})
    said = [step.log() for step in first.steps]
    assert said[:5] == [head, "refs/heads/main", "main", "lab/churn", "lab"]
    assert said[5:] == [first.id, "7", "lab", "push"]
    ref = {"GITHUB_REF": "refs/heads/main", "GITHUB_REPOSITORY": "own/er"}
    second = act.run(folder, "repository_dispatch", {}, github=ref)
    assert [step.log() for step in second.steps][:4] == [head, "refs/heads/main", "main", "own/er"]
    assert int(second.id) > int(first.id)


def test_a_chosen_job_brings_only_those_that_it_needs(make: Make) -> None:
    ran = act.run(make(two=TWO), "push", {}, job="first")
    assert ran.jobs == {"First": "success"}
    with pytest.raises(LabError, match="no job gone"):
        act.run(make("other", two=TWO), "push", {}, job="gone")


def test_a_called_workflow_gets_inputs_and_secrets(make: Make) -> None:
    caller = """
name: caller
on: push
jobs:
  go:
    uses: ./.github/workflows/inner.yml
    with: {image: churn}
    secrets: {KEY: "${{ secrets.TOKEN }}"}
"""
    inner = """
name: inner
on: {workflow_call: {inputs: {image: {type: string}}, secrets: {KEY: {required: true}}}}
jobs:
  deep:
    runs-on: [self-hosted, cluster]
    steps:
      - id: it
        env: {KEY: "${{ secrets.KEY }}", IMAGE: "${{ inputs.image }}"}
        run: echo "$IMAGE $KEY"; echo "i=$IMAGE" >> $GITHUB_OUTPUT
"""
    ran = act.run(make(caller=caller, inner=inner), "push", {}, secrets={"TOKEN": SECRET})
    assert ran.status == "success"
    assert [(step.job, step.log()) for step in ran.steps] == [("go / deep", "churn ***")]
    assert ran.outputs == {"go / deep": {"it": {"i": "churn"}}}


def test_what_is_ignored_or_a_secret_file_is_not_taken_along(make: Make) -> None:
    folder = make(one=CHECKOUT_AND_LIST)
    commit(folder, {".gitignore": "ignored\n", "kept": ""})
    (folder / "ignored").touch()
    (folder / ".secrets").write_text(f"TOKEN={SECRET}")
    (folder / ".env").write_text("SLIPPED=in")
    ran = act.run(folder, "push", {})
    assert "kept" in ran.steps[1].lines
    assert "ignored" not in ran.steps[1].lines
    assert ran.steps[2].log() == "token: slipped:"


CHECKOUT_AND_LIST = """
on: push
jobs:
  it:
    runs-on: x
    steps:
      - uses: actions/checkout@v7
      - run: ls
      - run: 'echo token:${{ secrets.TOKEN }} slipped:$SLIPPED'
"""


def test_an_action_without_a_stand_in_is_refused_before_anything_runs(make: Make) -> None:
    text = "on: push\njobs: {a: {runs-on: x, steps: [{uses: evil/action@main}]}}"
    with pytest.raises(LabError, match=r"ci\.yml: nothing stands in for evil/action@main"):
        act.run(make(ci=text), "push", {})


def test_what_act_refuses_is_told_in_its_words(make: Make) -> None:
    text = one("echo") + "    strategy: nonsense\n"
    with pytest.raises(LabError, match=r"act refuses one\.yml: .*Line: 8 Column 15"):
        act.run(make(one=text), "push", {})


def test_the_workflow_must_be_clear(make: Make) -> None:
    folder = make(a=one("echo"), b=one("echo"))
    with pytest.raises(LabError, match=r"listen to push: a\.yml, b\.yml"):
        act.choose(folder, "push")
    with pytest.raises(LabError, match="listen to schedule: none"):
        act.choose(folder, "schedule")
    with pytest.raises(LabError, match=r"no workflow c\.yml .* a\.yml, b\.yml"):
        act.choose(folder, "push", "c.yml")
    assert act.choose(folder, "push", "b.yml").file == "b.yml"


def test_cancelling_ends_the_step_and_still_runs_what_always_runs(make: Make) -> None:
    text = (
        one("touch $STARTED; sleep 3600", "echo never") + "      - {run: echo bye, if: always()}\n"
    )
    folder, cancel = make(one=text), Cancel()
    fifo = folder.parent / "started"
    os.mkfifo(fifo)
    found = []
    text = text.replace("touch $STARTED", "echo > $STARTED")
    commit(folder, {".github/workflows/one.yml": text})
    thread = threading.Thread(
        target=lambda: found.append(
            act.run(folder, "push", {}, env={"STARTED": str(fifo)}, cancel=cancel)
        )
    )
    thread.start()
    fifo.read_text()  # returns once the step has opened it
    cancel()
    thread.join()
    (ran,) = found
    assert ran.status == "cancelled"
    assert [step.result for step in ran.steps] == ["failure", "cancelled", "success"]


def test_a_run_that_is_cancelled_before_it_begins_does_nothing(make: Make) -> None:
    cancel = Cancel()
    cancel()
    ran = act.run(make(one=one("sleep 60")), "push", {}, cancel=cancel)
    assert ran.status == "cancelled"
