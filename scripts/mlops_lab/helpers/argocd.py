"""What Argo CD's own objects and events say about when things happened."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

WAVE, HOOK = "argocd.argoproj.io/sync-wave", "argocd.argoproj.io/hook"
CHANGE = re.compile(r"Updated (sync|health) status: \w* -> (\w+)")
OPERATION = {"OperationStarted": "running", "OperationCompleted": ""}
BEFORE = -5.0  # seconds of the past that are shown

Lanes = dict[str, list[tuple[float, str]]]


def spans(
    application: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[float, float]]:
    """When the last operation, and each object with a wave or a hook, began and was ready."""
    operation = application["status"]["operationState"]
    found = {"the operation": (_time(operation["startedAt"]), _time(operation["finishedAt"]))}
    for one in sorted(objects, key=lambda each: each["metadata"]["creationTimestamp"]):
        notes = one["metadata"].get("annotations", {})
        if step := notes.get(HOOK) or (f"wave {notes[WAVE]}" if WAVE in notes else ""):
            name = f"{step}: {one['kind']} {one['metadata']['name']}"
            begin = _time(one["metadata"]["creationTimestamp"])
            found[name] = (begin, max(begin, _ready(one, begin)))
    return found


def _ready(one: Mapping[str, Any], begin: float) -> float:
    status = one.get("status", {})
    if "completionTime" in status:
        return _time(status["completionTime"])
    since = {c["type"]: c["lastTransitionTime"] for c in status.get("conditions", ())}
    return _time(since["Ready"]) if "Ready" in since else begin


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def history(events: Sequence[Mapping[str, Any]], since: float) -> Lanes:
    """From which second on sync, health and operation were what, as an application's events say.

    An event's time has whole seconds only; its name ends in the nanoseconds.
    """
    lanes: Lanes = {"sync": [], "health": [], "operation": []}
    for at, event in sorted(((_nanoseconds(e), e) for e in events), key=lambda pair: pair[0]):
        if found := CHANGE.match(event["message"]):
            lanes[found[1]].append((at / 1e9 - since, found[2]))
        elif event["reason"] in OPERATION:
            lanes["operation"].append((at / 1e9 - since, OPERATION[event["reason"]]))
    return {name: _recent(lane) for name, lane in lanes.items()}


def _nanoseconds(event: Mapping[str, Any]) -> int:
    return int(event["metadata"]["name"].rpartition(".")[2], 16)


def _recent(lane: list[tuple[float, str]]) -> list[tuple[float, str]]:
    past = [(BEFORE, status) for at, status in lane if at < BEFORE][-1:]
    return [*past, *(change for change in lane if change[0] >= BEFORE)]
