"""A run shows itself as a table."""

from dataclasses import replace

import pytest

from mlops_lab.actions.result import Run, StepResult

RUN = Run(
    workflow="ci",
    event="push",
    id="1",
    status="failure",
    seconds=3.0,
    steps=(
        StepResult("check", "Run actions/checkout@" + "a1" * 20, "success", 0.04),
        StepResult("check", "Lint | scan", "failure", 1.26, ("bad",), ignored=True),
        StepResult("build", "Train", "failure", 2.0, ("worse", "worst")),
        StepResult("build", "Push", "skipped"),
    ),
    jobs={"check": "success", "build": "failure"},
)


def test_the_table_is_readable_in_both_forms() -> None:
    shown = RUN._repr_mimebundle_()
    assert shown["text/plain"].splitlines() == [
        "ci, push: failure",
        "job    step                          result             seconds",
        "check  Run actions/checkout@a1a1a1a  success            0.0",
        "check  Lint | scan                   failure (ignored)  1.3",
        "build  Train                         failure            2.0",
        "build  Push                          skipped",
    ]
    assert shown["text/markdown"].splitlines()[2:5] == [
        "| job | step | result | seconds |",
        "|---|---|---|--:|",
        "| check | Run actions/checkout@a1a1a1a | success | 0.0 |",
    ]
    assert "| check | Lint \\| scan | failure (ignored) | 1.3 |" in shown["text/markdown"]


def test_a_job_of_which_nothing_ran_has_one_row() -> None:
    skipped = tuple(StepResult("deploy", name, "skipped") for name in ("Wait", "Ask"))
    run = replace(RUN, steps=(*RUN.steps[2:], *skipped))
    assert run.table() == [
        ("build", "Train", "failure", "2.0"),
        ("build", "Push", "skipped", ""),
        ("deploy", "all 2 steps", "skipped", ""),
    ]


def test_the_failed_step_is_the_first_that_counts() -> None:
    assert RUN.failed_step is RUN.step("Train", "build")
    assert RUN.failed_step.log() == "worse\nworst"


def test_an_unknown_step_is_told_with_those_that_are_there() -> None:
    with pytest.raises(KeyError, match=r"no step 'Push'.*'Train'"):
        RUN.step("Push", "check")
