"""What Argo CD's objects and events say about when things happened."""

from typing import Any

from mlops_lab.helpers import argocd


def thing(kind: str, second: int, note: str, value: str, **status: Any) -> dict[str, Any]:
    metadata = {
        "name": "it",
        "creationTimestamp": f"2026-01-01T00:00:{second:02}Z",
        "annotations": {note: value},
    }
    return {"kind": kind, "metadata": metadata, "status": status}


def test_spans_are_those_of_the_operation_and_of_what_it_ordered() -> None:
    times = {"startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:09Z"}
    ready = [{"type": "Ready", "lastTransitionTime": "2026-01-01T00:00:05Z"}]
    found = argocd.spans(
        {"status": {"operationState": times}},
        [
            thing("Job", 6, argocd.HOOK, "PostSync", completionTime="2026-01-01T00:00:08Z"),
            thing("InferenceService", 3, argocd.WAVE, "0", conditions=ready),
            thing("ConfigMap", 1, argocd.WAVE, "-1"),
            thing("ConfigMap", 1, "of/another", "kind"),
        ],
    )
    zero = found["the operation"][0]
    assert {name: (begin - zero, end - zero) for name, (begin, end) in found.items()} == {
        "the operation": (0, 9),
        "wave -1: ConfigMap it": (1, 1),
        "wave 0: InferenceService it": (3, 5),
        "PostSync: Job it": (6, 8),
    }


def event(second: float, message: str, reason: str = "ResourceUpdated") -> dict[str, Any]:
    name = f"dev.{int(second * 1e9):x}"
    return {"metadata": {"name": name}, "message": message, "reason": reason}


def test_history_begins_with_the_last_status_before() -> None:
    found = argocd.history(
        [
            event(118, "Updated sync status: OutOfSync -> Synced"),
            event(50, "Updated sync status:  -> OutOfSync"),
            event(60, "Updated sync status: OutOfSync -> Synced"),
            event(110, "Updated sync status: Synced -> OutOfSync"),
            event(111, "Initiated automated sync to 'abc'", "OperationStarted"),
            event(113, "Updated health status: Healthy -> Progressing (waits)"),
            event(119, "Sync operation to abc succeeded", "OperationCompleted"),
        ],
        since=100,
    )
    assert found == {
        "sync": [(-5, "Synced"), (10, "OutOfSync"), (18, "Synced")],
        "health": [(13, "Progressing")],
        "operation": [(11, "running"), (19, "")],
    }
