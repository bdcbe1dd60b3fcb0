"""Pictures in which time runs from left to right."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

COLORS = {"success": "#0072B2", "failure": "#D55E00"}


def gantt(jobs: Sequence[Mapping[str, Any]]) -> Figure:
    """The steps of a run as bars, from the jobs that ``gh run view --json jobs`` gives."""
    steps = [(job["name"], step) for job in jobs for step in job["steps"]]
    steps = [(job, step) for job, step in steps if step["conclusion"] != "skipped"]
    figure, axis = plt.subplots(figsize=(6, 0.16 * len(steps) + 1), layout="constrained")
    begun = 0.0
    for row, (_, step) in enumerate(steps):
        took = _seconds(step["completedAt"]) - _seconds(step["startedAt"])
        color = COLORS.get(step["conclusion"], "#999999")
        axis.barh(row, max(took, 0.3), left=begun, color=color)
        begun += took
    axis.set_yticks(range(len(steps)), [f"{job}: {step['name']}"[:46] for job, step in steps])
    axis.tick_params(axis="y", labelsize=7)
    axis.invert_yaxis()
    axis.set(xlabel="seconds of work, job after job", xlim=(0, None))
    axis.set_title("Where the seconds go", loc="left")
    return figure


def queue(runs: Sequence[Mapping[str, Any]]) -> Figure:
    """Runs that wait for one another, from what ``gh run view --json`` gives of each."""
    figure, axis = plt.subplots(figsize=(6.5, 0.5 * len(runs) + 1), layout="constrained")
    begun = _seconds(runs[0]["createdAt"])
    for row, run in enumerate(runs):
        times = run["createdAt"], run["jobs"][0]["startedAt"], run["updatedAt"]
        came, started, ended = (_seconds(time) - begun for time in times)
        axis.barh(row, started - came, left=came, color="#dddddd")
        axis.barh(row, ended - started, left=started, color=COLORS["success"])
        axis.plot([came], [row], "k|", markersize=16)
        if run["conclusion"] == "cancelled":
            axis.text(came, row, "  cancelled", va="center", color=COLORS["failure"])
    names = {"repository_dispatch": "dispatch", "workflow_dispatch": "by hand"}
    axis.set_yticks(range(len(runs)), [names[run["event"]] for run in runs])
    axis.invert_yaxis()
    axis.set(xlabel="seconds since the first came; grey: waits, blue: runs")
    axis.set_title("A group keeps one that waits: the newest", loc="left")
    return figure


def stages(times: Mapping[str, float], names: Mapping[str, str]) -> Figure:
    """What followed upon what, each as a bar from the end of the one before.

    `times` has Unix seconds, the beginning first; `names` says what ends at each of the others.
    """
    figure, axis = plt.subplots(figsize=(6.5, 0.4 * len(names) + 0.8), layout="constrained")
    begun = before = next(iter(times.values()))
    for row, stage in enumerate(names):
        # A time in whole seconds may lie before the one that it follows.
        ended = max(times[stage], before)
        axis.barh(row, ended - before, left=before - begun, color=COLORS["success"])
        before = ended
    axis.set_yticks(range(len(names)), list(names.values()))
    axis.invert_yaxis()
    axis.set(xlabel="seconds since kubectl apply", xlim=(0, None))
    return figure


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
