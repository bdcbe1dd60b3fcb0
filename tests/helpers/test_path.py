"""The map of lab 01 is made from the labs that exist."""

from itertools import chain

import matplotlib.pyplot as plt
import pytest

from mlops_lab.helpers import path
from mlops_lab.lab import catalog


def test_every_lab_is_on_the_map() -> None:
    """A new lab has a place on it: see the topics in helpers/path.py."""
    placed = {*chain(*path.STOPS.values()), *path.CI, *path.AGAIN}
    assert {stem.partition("-")[2] for stem in catalog.stems()} <= placed


def test_a_lab_that_is_not_there_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "stems", lambda: ["02-dvc-s3", "07-kserve", "08-argocd"])
    figure, told = path.model()
    plt.close(figure)
    assert "data (no lab yet) → S3 (lab 02) → registry (no lab yet)" in told
    assert "cluster (labs 07, 08) → monitoring (no lab yet)" in told
    assert "train again (no lab yet)" in told
