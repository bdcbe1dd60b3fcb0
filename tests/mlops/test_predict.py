"""Which pod is asked after a rollout: labs/mlops/delivery/predict.py."""

import json

import pytest
from delivery import predict


def pod(name: str, made: str, **more: str) -> dict:
    return {"metadata": {"name": name, "creationTimestamp": f"2026-01-01T00:0{made}:00Z", **more}}


OLD, NEW = pod("old", "1", deletionTimestamp="2026-01-01T00:09:00Z"), pod("new", "2")


@pytest.mark.parametrize("pods", [[OLD, NEW], [NEW, OLD], [pod("a", "1"), NEW]])
def test_the_newest_pod_that_stays_is_asked(pods: list[dict]) -> None:
    assert predict.newest(pods) == "pod/new"


def test_without_a_pod_that_stays_nothing_is_asked() -> None:
    with pytest.raises(SystemExit, match="no pod with"):
        predict.newest([OLD])


def test_a_forward_leads_to_that_pod(program, monkeypatch: pytest.MonkeyPatch) -> None:
    pods = json.dumps({"items": [OLD, NEW]})
    calls = program(
        "kubectl",
        says=f"case $1 in get) echo '{pods}';; *) echo 'Forwarding from 127.0.0.1:4321';; esac",
    )
    with predict.forwarded("dev") as url:
        assert url == "http://127.0.0.1:4321"
    assert (
        calls.read_text()
        .splitlines()[-1]
        .endswith("port-forward -n dev pod/new :8080 --address=127.0.0.1")
    )
