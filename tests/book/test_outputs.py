"""No secret in any output that is committed, or that a run has left."""

import json
import re
from pathlib import Path

import pytest

from conftest import ROOT
from mlops_lab.book import notebooks

SHAPES = {
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "incoming webhook": r"/services/[0-9A-Za-z/]{16,}",
    "token for git": r"x-access-token:|[Aa]uthorization: (?:Basic|Bearer) [\w+/=-]{8}",
    "JSON web token": r"\beyJ[\w-]{10,}\.[\w-]{10,}\.",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
COMMITTED = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXECUTED = sorted((ROOT / "build/notebooks").glob("*.ipynb"))


def found(text: str) -> list[str]:
    """The names of the shapes that are in the text."""
    return [name for name, shape in SHAPES.items() if re.search(shape, text)]


@pytest.mark.parametrize("path", [*COMMITTED, *EXECUTED], ids=lambda path: str(path.parts[-2:]))
def test_no_output_shows_a_secret(path: Path) -> None:
    outputs = [cell.get("outputs", []) for cell in notebooks.read(path).cells]
    assert found(json.dumps(outputs, ensure_ascii=False)) == []


def test_the_shapes_are_found() -> None:
    """Each is made here, so that none stands in this file."""
    examples = (
        "AKIA" + 16 * "A",
        "http://127.0.0.1:1/services/" + 24 * "a",
        "x-access-token" + ":abc",
        "eyJ" + 12 * "a" + "." + 12 * "b" + ".c",
        "-----BEGIN " + "PRIVATE KEY-----",
    )
    assert [found(example) for example in examples] == [[name] for name in SHAPES]
