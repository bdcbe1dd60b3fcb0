"""Which events trigger a workflow, and which never become one."""

from pathlib import Path
from typing import Any

import pytest

from mlops_lab.actions.events import (
    Event,
    Refused,
    check_dispatch,
    inputs,
    matches,
    skips,
    triggers,
)
from mlops_lab.actions.workflow import Workflow


def workflow(**on: Any) -> Workflow:
    return Workflow(Path("ci.yml"), "ci", on, (), None)


def push(branch: str = "main", *paths: str, message: str = "Change") -> Event:
    return Event("push", f"refs/heads/{branch}", "a", {}, branch, paths, message)


@pytest.mark.parametrize(
    ("name", "patterns", "fits"),
    [
        ("main", ["main"], True),
        ("releases/10", ["releases/*"], True),
        ("releases/10/hot", ["releases/*"], False),
        ("releases/10/hot", ["releases/**"], True),
        ("v2.1.0", ["v[12].[0-9]+.[0-9]+"], True),
        ("v3.1.0", ["v[12].[0-9]+.[0-9]+"], False),
        ("color", ["colou?r"], True),
        ("a.b", ["a?b"], False),
        ("docs/a/b.md", ["**/*.md"], True),
        ("b.md", ["**/*.md"], True),
        ("src/a.py", ["*.py"], False),
        ("releases/beta", ["releases/**", "!releases/beta"], False),
        ("releases/beta", ["!releases/beta", "releases/**"], True),
    ],
)
def test_patterns_mean_what_they_mean_on_github(name: str, patterns: list[str], fits: bool) -> None:
    assert matches(name, patterns) == fits


@pytest.mark.parametrize(
    ("settings", "event", "runs"),
    [
        ({}, push("anything"), True),
        ({"branches": ["main"]}, push("main"), True),
        ({"branches": "main"}, push("dev"), False),
        ({"branches-ignore": ["dev"]}, push("dev"), False),
        ({"tags": ["v*"]}, push("main"), False),
        ({"paths": ["src/**"]}, push("main", "README.md", "src/a.py"), True),
        ({"paths": ["src/**"]}, push("main", "README.md"), False),
        ({"paths-ignore": ["**.md"]}, push("main", "README.md"), False),
        ({"paths-ignore": ["**.md"]}, push("main", "README.md", "a.py"), True),
        ({}, push(message="Words only\n\n[skip ci]"), False),
    ],
)
def test_a_push_is_filtered(settings: dict[str, Any], event: Event, runs: bool) -> None:
    assert triggers(event, workflow(push=settings)) == runs


def test_a_dispatch_is_filtered_by_type_and_never_skipped() -> None:
    def told(action: str) -> Event:
        payload = {"action": action}
        return Event("repository_dispatch", "r", "a", payload, message="[skip ci]")

    assert triggers(told("new-data"), workflow(repository_dispatch={"types": ["new-data"]}))
    assert triggers(told("new-data"), workflow(repository_dispatch={"types": "new-data"}))
    assert not triggers(told("other"), workflow(repository_dispatch={"types": ["new-data"]}))
    assert triggers(told("any"), workflow(repository_dispatch={}))
    assert not triggers(told("any"), workflow(push={}))


@pytest.mark.parametrize(
    "message",
    ["[skip ci] x", "x [ci skip]", "[No CI]", "x\n\n[skip actions]", "[actions skip]",
     "Title\n\nText\n\n\nReviewed-by: a\nskip-checks: true", "Title\n\n\nskip-checks:true"],
)  # fmt: skip
def test_every_documented_word_skips(message: str) -> None:
    assert skips(message)


@pytest.mark.parametrize("message", ["skip ci", "[skip] ci", "Title\n\nskip-checks: true", ""])
def test_nothing_else_skips(message: str) -> None:
    assert not skips(message)


def test_a_dispatch_within_the_limits_is_taken() -> None:
    check_dispatch("x" * 100, {str(number): number for number in range(10)})
    check_dispatch("x", {"a": "x" * (65_535 - len('{"a": ""}'))})


@pytest.mark.parametrize(
    ("type_", "payload", "said"),
    [
        ("", {}, "1 to 100 characters"),
        ("x" * 101, {}, "1 to 100 characters"),
        (7, {}, "1 to 100 characters"),
        ("x", ["a"], "must be an object"),
        ("x", {str(number): number for number in range(11)}, "11 properties, at most 10"),
        ("x", {"a": "x" * 65_535}, "65544 characters, at most 65535"),
    ],
)
def test_a_dispatch_beyond_the_limits_is_refused(type_: Any, payload: Any, said: str) -> None:
    with pytest.raises(Refused, match=f"422: .*{said}"):
        check_dispatch(type_, payload)


BY_HAND = {
    "image": {"required": True},
    "dry": {"type": "boolean", "default": False},
    "stage": {"type": "choice", "options": ["dev", "prod"], "default": "dev"},
    "note": None,
}


def test_inputs_get_their_defaults() -> None:
    found = inputs(workflow(workflow_dispatch={"inputs": BY_HAND}), {"image": "churn"})
    assert found == {"image": "churn", "dry": "false", "stage": "dev", "note": ""}
    assert inputs(workflow(workflow_dispatch={}), {}) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Required input 'image' not provided"),
        ({"image": "x", "imgae": "y"}, r"Unexpected inputs provided: \['imgae'\]"),
        ({"image": "x", "stage": "test"}, "'test' for input 'stage' not in"),
    ],
)
def test_wrong_inputs_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=f"422: {said}|422: Provided value {said}"):
        inputs(workflow(workflow_dispatch={"inputs": BY_HAND}), given)


def test_a_workflow_that_is_not_for_hands_is_refused() -> None:
    with pytest.raises(Refused, match="does not have 'workflow_dispatch' trigger"):
        inputs(workflow(push={}), {})
