"""How many labs run at once, if nobody says."""

import os
from types import SimpleNamespace

import psutil
import pytest

from mlops_lab.commands.run import workers

GIB = 2**30


@pytest.mark.parametrize(
    ("cores", "free", "labs"), [(2, 24, 2), (8, 7, 2), (2, 1, 1), (64, 24, 8), (1, 24, 1)]
)
def test_labs_have_a_core_and_three_gibibytes_each(
    monkeypatch: pytest.MonkeyPatch, cores: int, free: int, labs: int
) -> None:
    lent = lambda process: set(range(cores))  # noqa: E731
    monkeypatch.setattr(os, "sched_getaffinity", lent, raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free * GIB))
    assert workers() == labs
