"""Expressions in a workflow's own settings."""

from typing import Any

import pytest

from mlops_lab.actions.expressions import evaluate
from mlops_lab.core.errors import LabError

CONTEXTS = {
    "github": {"ref": "refs/heads/main", "event_name": "push", "event": {"number": 7}},
    "vars": {"EMPTY": ""},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        (True, True),
        ("ci-${{ github.ref }}-${{github.event.number}}", "ci-refs/heads/main-7"),
        ("${{ github.event_name == 'PUSH' }}", True),
        ("${{ github.event_name != 'push' }}", False),
        ("${{ !(github.event.number == 8) && true }}", True),
        ("${{ vars.EMPTY || github.gone || 'it''s' }}", "it's"),
        ("is ${{ github.gone }}.", "is ."),
        ("is ${{ false }}, ${{ 1.5 }}", "is false, 1.5"),
    ],
)
def test_what_github_would_make_of_it(text: Any, value: Any) -> None:
    assert evaluate(text, CONTEXTS) == value


@pytest.mark.parametrize(
    "text", ["format('x')", "secrets.TOKEN", "a b", "(true", "true ==", "github[0]", ""]
)
def test_what_the_lab_does_not_know_is_told(text: str) -> None:
    with pytest.raises(LabError, match="cannot evaluate"):
        evaluate(f"x ${{{{ {text} }}}}", CONTEXTS)
