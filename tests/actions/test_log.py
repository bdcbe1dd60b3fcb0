"""act's log becomes steps, and no secret gets through."""

import json
from typing import Any

import pytest

from actions.conftest import Make
from mlops_lab.actions.log import Log
from mlops_lab.actions.result import StepResult
from mlops_lab.actions.workflow import Workflow, workflows

TEXT = """
name: lab
on: push
jobs:
  one:
    runs-on: x
    steps:
      - run: curl ${{ secrets.TOKEN }}
      - {id: two, name: Two, run: "false", continue-on-error: true}
      - uses: some/action@v1
  call: {needs: one, uses: ./.github/workflows/inner.yml}
"""
INNER = "name: inner\non: workflow_call\njobs: {deep: {runs-on: x, steps: [{run: echo}]}}"
SECRET = "not-for-your-eyes"


@pytest.fixture
def workflow(make: Make) -> Workflow:
    return workflows(make(outer=TEXT, inner=INNER))["outer.yml"]


def line(step: str, id: str, job: str = "lab/one", stage: str = "Main", **more: Any) -> str:
    entry = {"job": job, "step": step, "stepID": [id], "stage": stage, "msg": "", "level": "info"}
    return json.dumps({**entry, **more})


def test_a_step_without_a_name_cannot_leak(workflow: Workflow) -> None:
    told: list[StepResult] = []
    log = Log(workflow, [SECRET], told.append)
    # act masks msg, and writes the script with the secret filled in as the step's name.
    script = f"curl {SECRET}"
    log.take(line(script, "0", msg=f"  {SECRET}\n", raw_output=True))
    log.take(line(script, "0", stepResult="success", executionTime=2_000_000_000))
    step = next(log.steps("skipped"))
    assert step == told[0] == StepResult("one", step.name, "success", 2.0, ("  ***",))
    assert step.name == "Run curl ${{ secrets.TOKEN }}"
    assert SECRET not in repr((step, log.text(), log._raw, log.outputs))


def test_an_output_and_a_key_are_masked_too(workflow: Workflow) -> None:
    log = Log(workflow, [SECRET])
    log.take(line("Two", "two", command="set-output", name="x", arg=f"a {SECRET}", **{SECRET: 1}))
    assert log.outputs == {"one": {"two": {"x": "a ***"}}}
    assert SECRET not in repr(log.text())


def test_what_is_masked_late_is_hidden_from_the_beginning(workflow: Workflow) -> None:
    log = Log(workflow, [])
    log.take(line("Two", "two", msg="early 4711\n", raw_output=True))
    log.take(line("Two", "two", command="set-output", name="x", arg="4711"))
    log.take(line("Two", "two", command="add-mask", arg="4711", raw="::add-mask::4711\n"))
    log.take(line("Two", "two", stepResult="success"))
    step = next(step for step in log.steps("skipped") if step.name == "Two")
    assert step.lines == ("early ***",)
    assert log.outputs == {"one": {"two": {"x": "***"}}}
    assert "4711" not in repr(log.text())


def test_each_line_of_a_secret_is_one_and_the_longest_goes_first(workflow: Workflow) -> None:
    log = Log(workflow, ["-----BEGIN\nabc\nabcdef\n-----END\n", "", "abc"])
    assert log.conceal("abcdef, abc and -----END") == "***, *** and ***"
    assert log.conceal("nothing") == "nothing"


def test_an_action_that_cannot_be_had_is_a_failed_step(workflow: Workflow) -> None:
    log = Log(workflow, [])
    log.take(line("some/action@v1", "2", stage="Pre", level="error", msg="Unable to clone"))
    failed = [step for step in log.steps("skipped") if step.result == "failure"]
    assert [(s.name, s.lines) for s in failed] == [
        ("Pre some/action@v1", ("Error: Unable to clone",))
    ]


def test_setting_up_and_cleaning_up_are_told_only_when_they_fail(workflow: Workflow) -> None:
    log = Log(workflow, [])
    for stage, result in (("Pre", "success"), ("Post", "failure")):
        log.take(line("some/action@v1", "2", stage=stage, stepResult=result))
    found = [(step.name, step.result) for step in log.steps("skipped")]
    assert ("Post some/action@v1", "failure") in found
    assert not any(name.startswith("Pre") for name, _ in found)


def test_inside_a_composite_action_lines_belong_to_the_outer_step(workflow: Workflow) -> None:
    log = Log(workflow, [])
    inner = {"stepID": ["2", "inner"]}
    log.take(line("some/action@v1", "2", msg="hello\n", raw_output=True, **inner))
    log.take(line("some/action@v1", "2", stepResult="success", **inner))
    assert log.results == {}
    log.take(line("some/action@v1", "2", stepResult="success"))
    assert [s.lines for s in log.steps("skipped") if s.result == "success"] == [("hello",)]


def test_errors_are_worded_as_on_github(workflow: Workflow) -> None:
    log = Log(workflow, [])
    log.take(line("Two", "two", command="error", arg="it is wrong", level="error"))
    log.take(line("Two", "two", level="error", msg="exit status 3"))
    log.take(line("Two", "two", msg="\x1b[31mred\x1b[0m\n", raw_output=True))
    log.take(line("Two", "two", stepResult="failure"))
    log.take(line("Two", "two", msg="\n", raw_output=True))
    step = next(step for step in log.steps("skipped") if step.name == "Two")
    # What comes late was printed all the same before the step ended.
    wanted = ("Error: it is wrong", "red", "Error: Process completed with exit code 3.")
    assert step.lines == wanted


def test_empty_lines_at_the_end_are_dropped_since_act_may_have_added_one(
    workflow: Workflow,
) -> None:
    log = Log(workflow, [])
    for text in ("a", "", "b", "", ""):
        log.take(line("Two", "two", msg=f"{text}\n", raw_output=True))
    log.take(line("Two", "two", stepResult="success"))
    step = next(step for step in log.steps("skipped") if step.name == "Two")
    assert step.lines == ("a", "", "b")


def test_a_line_that_is_no_json_is_kept(workflow: Workflow) -> None:
    log = Log(workflow, [SECRET])
    log.take(f"panic: {SECRET}\n")
    assert [json.loads(text) for text in log.text()] == [{"msg": "panic: ***"}]


def test_a_padded_name_is_the_same_job(workflow: Workflow) -> None:
    log = Log(workflow, [])
    log.take(line("Two", "two", job="lab/one   ", stepResult="success"))
    assert [step.result for step in log.steps("skipped") if step.job == "one"] == [
        "skipped",
        "success",
        "skipped",
    ]
