"""What the delivery labs wait for: mlops_lab/helpers/pipelines.py."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mlops_lab.core.waiting import LIMIT
from mlops_lab.helpers import pipelines
from mlops_lab.lab.lab import Lab

LAB = cast(Lab, SimpleNamespace(name="churn"))


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A kubectl that lists these pods, and the calls that it gets."""

    def pods(*metadata: dict[str, str]) -> Path:
        listed = tmp_path / "pods.json"
        listed.write_text(json.dumps({"items": [{"metadata": one} for one in metadata]}))
        script = tmp_path / "kubectl"
        lines = ("#!/bin/sh", f'echo "$*" >> {tmp_path}/calls', f'test "$1" != get || cat {listed}')
        script.write_text("\n".join(lines))
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return tmp_path / "calls"

    return pods


def test_settled_is_when_the_pods_that_end_have_gone(kubectl) -> None:
    calls = kubectl({"name": "old", "deletionTimestamp": "2026-01-01T00:00:00Z"}, {"name": "new"})
    pipelines.wait_for_rollout(LAB)
    limit = f"-n dev-churn --timeout={LIMIT:.0f}s"
    rollout, listed, gone = calls.read_text().splitlines()
    assert rollout == f"rollout status deployment/churn-predictor {limit}"
    assert listed == "get pods -n dev-churn -o json"
    assert gone == f"wait --for=delete pod/old {limit}"


def test_where_no_pod_ends_nothing_is_waited_for(kubectl) -> None:
    calls = kubectl({"name": "new"})
    pipelines.wait_for_rollout(LAB)
    assert "wait" not in calls.read_text()
