"""Pictures in which time runs from left to right."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlops_lab.helpers.pictures import (
    BLUE,
    GRAY,
    GREEN,
    LIGHT_BLUE,
    ORANGE,
    RED,
    legend_below,
)

COLORS = {"success": BLUE, "failure": RED}
JOBS = (BLUE, ORANGE, GREEN, LIGHT_BLUE, GRAY)


def gantt(jobs: Sequence[Mapping[str, Any]]) -> Figure:
    """The steps of a run as bars, from the jobs that ``gh run view --json jobs`` gives."""
    steps = [(job["name"], step) for job in jobs for step in job["steps"]]
    steps = [(job, step) for job, step in steps if step["conclusion"] != "skipped"]
    colors = dict(zip(dict.fromkeys(job for job, _ in steps), JOBS, strict=False))
    figure, axis = plt.subplots(figsize=(6.5, 0.18 * len(steps) + 1.2), layout="constrained")
    begun = 0.0
    for row, (job, step) in enumerate(steps):
        took = _seconds(step["completedAt"]) - _seconds(step["startedAt"])
        failed = step["conclusion"] == "failure"
        color = COLORS["failure"] if failed else colors[job]
        axis.barh(row, max(took, 0.3), left=begun, color=color, label="failed" if failed else job)
        begun += took
    axis.set_yticks(range(len(steps)), [step["name"] for _, step in steps])
    axis.tick_params(axis="y", labelsize=8)
    axis.invert_yaxis()
    axis.set(xlabel="seconds of work, job after job", xlim=(0, None))
    legend_below(figure, axis)
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
        axis.barh(row, ended - before, left=before - begun, color=BLUE)
        before = ended
    axis.set_yticks(range(len(names)), list(names.values()))
    axis.invert_yaxis()
    axis.set(xlabel="seconds since kubectl apply", xlim=(0, None))
    return figure


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
