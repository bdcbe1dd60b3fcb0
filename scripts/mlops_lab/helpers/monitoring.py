"""Answers of Prometheus over time, and their picture."""

import math
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import httpx
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from mlops_lab.core.waiting import LIMIT
from mlops_lab.helpers.pictures import BLUE, GREEN, ORANGE, RED, legend_below

Points = Sequence[tuple[float, float]]
STEP = 0.25  # seconds between the points of a lab's own run
POINTS = 10_000  # of a series; the API refuses more than 11,000


def over_time(
    url: str, expression: str, begin: float, first: float, last: float, step: float = 15
) -> list[Points]:
    """The series that answer a query in a span: minutes since `begin` (Unix seconds), and values.

    A range query of the API, every `step` seconds, or what gives a series as many points as it may
    have:
    https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries

    Raises:
        httpx.HTTPStatusError: Prometheus refused the query.
    """
    step = max(step, 60 * (last - first) / POINTS)
    series = _answers(url, expression, begin + 60 * first, begin + 60 * last, step)
    return [_with_gaps(one["values"], begin, step) for one in series]


def _with_gaps(values: Sequence[tuple[float, str]], begin: float, step: float) -> Points:
    """Minutes and values, and no number where there is no answer, so that a line ends there."""
    points: list[tuple[float, float]] = []
    for at, said in values:
        minute = (at - begin) / 60
        if points and minute - points[-1][0] > 1.5 * step / 60:
            points.append((minute, math.nan))
        points.append((minute, float(said)))
    return points


def _step(since: float) -> float:
    """Seconds between the points of a picture from then on, which a reader may draw much later."""
    return max(STEP, (time.time() - since) / POINTS)


def _answers(url: str, query: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
    span: dict[str, str | float] = {"query": query, "start": start, "end": end, "step": step}
    answer = httpx.get(f"{url}/api/v1/query_range", params=span, timeout=LIMIT)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["data"]["result"]
    return found


def lines(drawn: Mapping[str, Points], unit: str, marks: Mapping[str, float]) -> Figure:
    """One line for each series, by its name, and a dashed one at each minute that is named."""
    figure, axis = plt.subplots(figsize=(6.5, 3), layout="constrained")
    for color, (name, points) in zip((BLUE, RED, ORANGE, GREEN), drawn.items(), strict=False):
        axis.plot(*zip(*points, strict=True), color=color, label=name)
    for name, minute in marks.items():
        axis.axvline(minute, color="gray", linestyle="--", label=name)
    axis.set(xlabel="minute", ylabel=unit, ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def bars(values: Mapping[str, float], unit: str) -> Figure:
    """A bar for each name."""
    figure, axis = plt.subplots(figsize=(6.5, 0.25 * len(values) + 0.8), layout="constrained")
    axis.barh(list(values), list(values.values()), color=BLUE)
    axis.invert_yaxis()
    axis.set(xlabel=unit)
    return figure


def grown(series: Sequence[float], held: Sequence[float], until: float) -> Figure:
    """Memory in GiB by the number of series: what was measured, and a line on to `until`."""
    figure, axis = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
    slope, begin = np.polyfit(series, held, deg=1)
    line = [begin, begin + slope * until]
    axis.plot([0, until], line, "--", color="gray", label=f"{slope * 2**20:.1f} KiB a series")
    axis.plot(series, held, "o", color=BLUE, label="measured")
    axis.set(xlabel="series", ylabel="GiB", xlim=(0, None), ylim=(0, None))
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.legend(loc="upper left")
    return figure


def alert(url: str, name: str, signal: str, threshold: float, since: float) -> Figure:
    """What an alert looks at, and when it was pending and firing, from `since` (Unix seconds)."""
    figure, axis = plt.subplots(figsize=(6.5, 3), layout="constrained")
    step = _step(since)
    for one in _answers(url, signal, since, time.time(), step):
        seconds = [float(at) - since for at, _ in one["values"]]
        axis.plot(seconds, [float(said) for _, said in one["values"]], color=BLUE, label=signal)
    axis.axhline(threshold, color="gray", linestyle="--", label="threshold")
    below = axis.get_xaxis_transform()
    for state, color in (("pending", ORANGE), ("firing", RED)):
        asked = f'max(ALERTS{{alertname="{name}",alertstate="{state}"}})'
        for one in _answers(url, asked, since, time.time(), step):
            spans = _spans(one, since, step)
            axis.broken_barh(spans, (0, 0.06), color=color, label=state, transform=below)
    axis.set(xlabel="second", ylim=(0, None))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def states(
    url: str,
    label: str,
    asked: Mapping[str, tuple[str, str]],
    since: float,
    step: float = STEP,
    marks: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> Figure:
    """Which state each value of a label was in, from `since` (Unix seconds): a row for each.

    `asked` has for each state the query whose series are in it, and its color. `marks` has the
    moments of what happened by its name, in Unix seconds as well: there are lines.
    """
    rows: dict[str, int] = {}
    step = max(step, _step(since))
    figure, axis = plt.subplots(layout="constrained")
    for state, (query, color) in asked.items():
        for one in _answers(url, query, since, time.time(), step):
            row = rows.setdefault(one["metric"].get(label, "none"), len(rows))
            axis.broken_barh(_spans(one, since, step), (row - 0.35, 0.7), color=color, label=state)
    for (name, moments), style in zip(marks.items(), ("--", ":"), strict=False):
        for moment in moments:
            axis.axvline(moment - since, color="gray", linestyle=style, label=name, zorder=0)
    figure.set_size_inches(6.5, 1.2 + 0.28 * len(rows))
    axis.set(xlabel="second", xlim=(0, None), yticks=range(len(rows)), yticklabels=list(rows))
    axis.invert_yaxis()
    legend_below(figure, axis)
    return figure


def week(
    fired: Mapping[str, Sequence[tuple[int, int]]],
    events: Mapping[str, tuple[int, int]],
) -> Figure:
    """When each alert would have fired in a week, and what happened: first and last minutes."""
    day = 24 * 60
    figure, axis = plt.subplots(figsize=(6.5, 1.4 + 0.28 * len(fired)), layout="constrained")
    for row, spans in enumerate(fired.values()):
        drawn = [(begin / day, max(end - begin, 20) / day) for begin, end in spans]
        axis.broken_barh(drawn, (row - 0.35, 0.7), color=RED, zorder=2)
    for (name, (begin, end)), shade in zip(events.items(), ("0.6", "0.75", "0.87"), strict=False):
        axis.axvspan(begin / day, max(end, begin + 40) / day, color=shade, label=name)
    axis.set(xlabel="day", xlim=(0, 7), yticks=range(len(fired)), yticklabels=list(fired))
    axis.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=len(events))
    return figure


def compared(url: str, feature: str) -> Figure:
    """The share of rows in each bin of a feature: in training, and now."""
    drawn = {"in training": "model:reference:share", "now": "model:rows:share1d"}
    figure, axis = plt.subplots(figsize=(6.5, 2.8), layout="constrained")
    for place, (label, query) in enumerate(drawn.items()):
        now = time.time()
        found = _answers(url, f'{query}{{feature="{feature}"}} > 0.001', now, now, STEP)
        bins = sorted((int(one["metric"]["bin"]), float(one["values"][0][1])) for one in found)
        axis.bar(
            [number + 0.4 * place for number, _ in bins],
            [share for _, share in bins],
            width=0.4, color=(GREEN, RED)[place], label=label,
        )  # fmt: skip
    axis.set(xlabel=f"bin of {feature}", ylabel="share of rows")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def delays(detected: Mapping[str, Mapping[str, Points]]) -> Figure:
    """Rows until each detector speaks, by what changed: what `detectors.py` prints."""
    labels = {
        "mean": "mean moved, in deviations",
        "spread": "spread grown by",
        "quiet": "rows between false alarms",
    }
    figure, axes = plt.subplots(1, 3, figsize=(6.5, 3.4), sharey=True, layout="constrained")
    for axis, (kind, found) in zip(axes, detected.items(), strict=True):
        for name, marker in zip(found, "osv^D", strict=True):
            axis.plot(*zip(*found[name], strict=True), marker=marker, markersize=4, label=name)
        axis.set(xscale="log", yscale="log", xlabel=labels[kind])
    axes[0].set(ylabel="rows until it speaks")
    axes[2].set_title("mean moved by 0.2", fontsize="medium")
    axes[2].set_xticks([2_000, 20_000], ["2,000", "20,000"])
    axes[2].set_xticks([], minor=True)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _spans(one: Mapping[str, Any], since: float, step: float) -> list[tuple[float, float]]:
    """Where a series has a value: seconds since `since`, and how long."""
    return [(float(at) - since, step) for at, _ in one["values"]]
