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
    axis.set(xlabel="seconds of work since the push, job after job", xlim=(0, None))
    axis.set_title("Where the seconds go", loc="left")
    return figure


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
