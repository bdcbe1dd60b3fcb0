"""What every lab's page keeps: the limits of pages.yml."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from conftest import ROOT
from mlops_lab.book import exercises, notebooks, shown
from mlops_lab.lab import catalog

LIMITS = yaml.safe_load((ROOT / "tests" / "pages.yml").read_text(encoding="utf-8"))
STEMS = catalog.stems()
DRAWN = re.compile(r"!\[[^\]]{40,}\]\(\S+\)")


def measures(cells: list[Any]) -> dict[str, float]:
    """Of a notebook's cells, what pages.yml limits."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    solved = [cell for cell in code if exercises.is_exercise(cell)]
    text = "\n".join(cell.source for cell in prose if shown.KEY not in cell.metadata)
    outputs = [output for cell in code for output in cell.outputs]
    return {
        "words": len(text.split()),
        "code cells": len(code),
        "columns": max(len(line) for cell in code for line in cell.source.splitlines()),
        "own imports": sum("mlops_lab" in cell.source for cell in code[1:]),
        "predictions": text.count("<details>") + len(solved),
        "exercises": len(solved),
        "pictures": len(DRAWN.findall(text))
        + sum(any(k.startswith("image/") for k in o.get("data", {})) for o in outputs),
        "shell": sum(cell.source.startswith("%%bash") for cell in code) / len(code),
    }


def beyond(stem: str, found: dict[str, float]) -> Iterator[str]:
    """What of a lab is beyond its limit."""
    most, least = dict(LIMITS["most"]), dict(LIMITS["least"])
    if stem in LIMITS["shell"]["labs"]:
        least["shell"] = LIMITS["shell"]["least"]
    yield from (f"{k}: {found[k]}, most is {v}" for k, v in most.items() if found[k] > v)
    yield from (f"{k}: {found[k]:.2g}, least is {v}" for k, v in least.items() if found[k] < v)


@pytest.mark.parametrize("stem", STEMS)
def test_limits(stem: str) -> None:
    found = measures(notebooks.read(catalog.read(stem).path).cells)
    assert list(beyond(stem, found)) == []


def test_every_name_is_a_lab() -> None:
    assert set(LIMITS["shell"]["labs"]) <= set(STEMS)
