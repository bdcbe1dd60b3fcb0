"""Pictures of what a caller of the model meets: how long it waits, and which version answers."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from mlops_lab.helpers.pictures import BLUE, GREEN, LIGHT_BLUE, ORANGE, RED

# How the answer of a request begins that got none.
FAILED = "failed"
COLORS = ((BLUE, "white"), (LIGHT_BLUE, "black"))  # of a bar, and of what stands in it


def two_views(
    inside: Sequence[float], client: Sequence[float], estimate: Sequence[float]
) -> Figure:
    """Histograms of the milliseconds inside predict() and at the client, one above the other.

    `estimate` holds p50, p95 and p99 from buckets; the first and the last are drawn dashed.
    """
    colors = {50: GREEN, 95: ORANGE, 99: RED}
    edge = 1.3 * float(np.percentile(client, 99))
    figure, axes = plt.subplots(2, 1, figsize=(6, 4.8), sharex=True, layout="constrained")
    for axis, values, title in (
        (axes[0], inside, "Inside predict(): what the metric covers"),
        (axes[1], client, "At the client: what the caller waits"),
    ):
        axis.hist(values, bins=np.linspace(0, edge, 60), color=LIGHT_BLUE)
        for q, color in colors.items():
            axis.axvline(np.percentile(values, q), color=color, label=f"p{q}")
        axis.set(title=title, ylabel="requests")
    for q, value in ((50, estimate[0]), (99, estimate[2])):
        axes[0].axvline(value, color=colors[q], linestyle="--", label=f"p{q} from buckets")
    axes[1].set(xlabel="milliseconds", xlim=(0, edge))
    for axis in axes:
        axis.legend()
    return figure


def over_time(
    panels: Mapping[str, Sequence[tuple[float, str]]], names: Mapping[str, str], width: float
) -> Figure:
    """Requests by the version that answered, in steps of `width` seconds; one panel a story.

    A panel has the second and the answer of each request; `names` has the version of an answer.
    """
    size = (6.5, 0.6 + 2 * len(panels))
    figure, axes = plt.subplots(len(panels), figsize=size, squeeze=False, layout="constrained")
    for axis, (title, requests) in zip(axes[:, 0], panels.items(), strict=True):
        bins = np.arange(0, max(at for at, _ in requests) + width, width)
        groups = {**names, FAILED: FAILED}
        times = [[at for at, said in requests if said.split(":")[0] == answer] for answer in groups]
        colors = [*(bar for bar, _ in COLORS[: len(names)]), RED]
        axis.hist(times, bins=bins, stacked=True, color=colors, label=list(groups.values()))
        axis.set(title=title, ylabel=f"requests in {width:g} s")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    axes[-1, 0].set(xlabel="seconds")
    return figure


def shares(rows: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> Figure:
    """A bar for each row: which share of its requests each version answered, with the counts."""
    figure, axis = plt.subplots(figsize=(6.5, 0.9 + 0.5 * len(rows)), layout="constrained")
    left = np.zeros(len(rows))
    totals = np.array([sum(answers.values()) for answers in rows.values()])
    for (color, text), (answer, version) in zip(COLORS, names.items(), strict=True):
        counts = np.array([answers.get(answer, 0) for answers in rows.values()])
        widths = 100 * counts / totals
        bars = axis.barh(list(rows), widths, left=left, color=color, label=version)
        axis.bar_label(bars, [str(n or "") for n in counts], label_type="center", color=text)
        left += widths
    axis.invert_yaxis()
    axis.set(xlabel="% of the requests", xlim=(0, 100))
    figure.legend(loc="outside lower center", ncols=2)
    return figure
