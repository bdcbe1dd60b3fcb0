"""The labs' pictures: data in, a matplotlib figure out. Colors are safe for the color-blind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, GRAY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"
LIGHT_BLUE = "#56B4E9"


def legend_below(figure: Figure, axis: Any) -> None:
    """A legend under the picture, each name once, however often it was drawn."""
    named = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=len(named))


def runs_compared(runs: Any) -> Any:
    """MLflow's table of runs as points: ROC AUC against Brier score, each with its setting."""
    figure, axis = plt.subplots(figsize=(6, 3.5), layout="constrained")
    for model, knob, color in (("logistic", "C", BLUE), ("boosting", "learning_rate", RED)):
        some = runs[runs["params.model"] == model]
        x, y = some["metrics.roc_auc"], some["metrics.brier"]
        axis.scatter(x, y, color=color, label=f"{model} (by {knob.replace('_', ' ')})")
        for at_x, at_y, setting in zip(x, y, some[f"params.{knob}"], strict=True):
            axis.annotate(setting, (at_x, at_y), xytext=(5, 5), textcoords="offset points")
    axis.set(xlabel="ROC AUC, higher is better", ylabel="Brier score, lower is better")
    axis.set(title="Boosting at a moderate learning rate wins on both")
    axis.margins(0.12)
    axis.legend()
    return figure


def aliases_over_versions(moments: Mapping[str, Mapping[str, str]]) -> Figure:
    """Which version each alias named at each moment: a line for each alias."""
    figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
    versions = sorted(
        {int(version) for aliases in moments.values() for version in aliases.values()}
    )
    for alias, color, marker in (("champion", GREEN, "o"), ("challenger", ORANGE, "s")):
        at = [x for x, aliases in enumerate(moments.values()) if alias in aliases]
        named = [int(aliases[alias]) for aliases in moments.values() if alias in aliases]
        lines = axis.plot(at, named, color=color, marker=marker, label=f"@{alias}")
        plt.setp(lines, markersize=10, drawstyle="steps-mid")
    axis.set_xticks(range(len(moments)), list(moments))
    axis.set_yticks(versions, [f"version {version}" for version in versions])
    axis.margins(x=0.15, y=0.35)
    axis.set_title("The names move, the versions stay", loc="left")
    axis.legend(loc="upper right")
    return figure


def git_and_s3(labels: list[str], in_git: list[int], in_s3: list[int]) -> Any:
    """Two bars for each model: the bytes that it added to git and to S3, on a logarithmic scale."""
    figure, axis = plt.subplots(figsize=(6, 3))
    for offset, added, color in ((-0.2, in_git, BLUE), (0.2, in_s3, ORANGE)):
        rows = [row + offset for row in range(len(labels))]
        bars = axis.barh(rows, [size / 1000 for size in added], 0.36, color=color)
        axis.bar_label(bars, fmt="{:,.0f} kB", padding=3, fontsize=9)
    axis.set(xscale="log", xlim=(0.5, 20000), xlabel="kilobytes added (logarithmic scale)")
    axis.set_yticks(range(len(labels)), labels)
    axis.invert_yaxis()
    axis.legend(["git", "S3"], loc="upper right", frameon=False)
    axis.set_title("Git gets a pointer, S3 gets the bytes", loc="left")
    return figure


def named_by(objects: Mapping[str, Sequence[str]], tags: Sequence[str]) -> Figure:
    """A row for each object with a dot under each tag that names it; red where none does."""
    figure, axis = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for row, named in enumerate(objects.values()):
        at = [tags.index(tag) for tag in named]
        axis.plot(at, [row] * len(at), "o-", color=BLUE, markersize=9)
    axis.set_yticks(range(len(objects)), list(objects), family="monospace")
    for label, named in zip(axis.get_yticklabels(), objects.values(), strict=True):
        label.set_color("black" if named else RED)
    axis.set_xticks(range(len(tags)), tags)
    axis.set(xlim=(-0.5, len(tags) - 0.5), ylim=(len(objects) - 0.5, -0.5))
    axis.grid(axis="y", color="#dddddd")
    axis.set_title("What no tag names, dvc gc deletes", loc="left")
    return figure


def balance(leaving: float, gaps: Mapping[str, float]) -> Figure:
    """Two sets of bars: the shares who stay and leave, and each column's share of gaps."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.5, 2.4), layout="constrained")
    shares = [100 * (1 - leaving), 100 * leaving]
    left.bar_label(left.bar(["stays", "leaves"], shares, color=[BLUE, RED]), fmt="%.1f %%")
    left.set(title="One in four leaves", ylabel="% of customers", ylim=(0, 90))
    bars = right.barh(list(gaps), [100 * share for share in gaps.values()], color=GRAY)
    right.bar_label(bars, fmt="%.1f %%", padding=2)
    right.set(title="Three columns have gaps", xlabel="% missing", xlim=(0, 6))
    return figure


def confusion(matrix: Sequence[Sequence[int]], threshold: float) -> Figure:
    """A confusion matrix: a row for what customers did, a column for what the model said."""
    figure, axis = plt.subplots(figsize=(4.2, 3))
    axis.imshow(matrix, cmap="Blues")
    darkest = max(map(max, matrix))
    for y, row in enumerate(matrix):
        for x, count in enumerate(row):
            color = "white" if count > darkest / 2 else "black"
            axis.text(x, y, str(count), ha="center", va="center", color=color)
    axis.set_xticks([0, 1], ["stays", "leaves"])
    axis.set_yticks([0, 1], ["stays", "leaves"])
    missed, caught = matrix[1]
    axis.set(title=f"At {threshold}, {missed} of {missed + caught} leavers are missed")
    axis.set(xlabel="the model says", ylabel="the customer")
    return figure


def cost_by_threshold(thresholds: Sequence[float], costs: Sequence[float], best: float) -> Figure:
    """The cost per customer as a line, with the cheapest threshold and the default of 0.5."""
    figure, axis = plt.subplots(figsize=(5.5, 3))
    axis.plot(thresholds, costs, color=BLUE)
    axis.axvline(best, color=GREEN, label=f"cheapest: {best:.2f}")
    axis.axvline(0.5, color=RED, linestyle="--", label="as handed over: 0.50")
    axis.set(title=f"A threshold near {best:.1f} costs least", xlabel="threshold")
    axis.set(ylabel="cost per customer", ylim=(0, None))
    axis.legend(loc="lower right")
    return figure


def layers(images: Mapping[str, Sequence[tuple[str, int]]]) -> Figure:
    """A bar for each image, made of its layers; `images` has each layer's command and bytes."""
    figure, axis = plt.subplots(figsize=(7, 2.4), layout="constrained")
    colors = (GRAY, BLUE, ORANGE, GREEN, RED, LIGHT_BLUE)
    for row, sizes in enumerate(images.values()):
        left = 0.0
        for color, (command, size) in zip(colors, sizes, strict=False):
            axis.barh(row, size / 1e6, left=left, color=color, edgecolor="white", alpha=0.7)
            if size > 5e7:  # there is room for a name
                name = {"ha": "center", "va": "center", "size": 8}
                axis.text(left + size / 2e6, row, command[:33], name)
            left += size / 1e6
        axis.text(left + 3, row, f"{left:.0f} MB", va="center")
    axis.set_yticks(range(len(images)), list(images))
    axis.invert_yaxis()
    axis.margins(x=0.15)
    axis.set(xlabel="MB that a node pulls", title="Same base, other Dockerfile")
    return figure


def pulled(layers: Sequence[tuple[str, int, bool]]) -> Figure:
    """A bar for each layer: its command, its bytes, and whether the node has it already."""
    figure, axis = plt.subplots(figsize=(7, 2.4), layout="constrained")
    for row, (_, size, known) in enumerate(layers):
        axis.barh(row, size / 1000, color=GRAY if known else ORANGE)
        says = f"{size / 1000:,.0f} kB, {'already there' if known else 'pulled'}"
        axis.text(1.2 * size / 1000, row, says, va="center", size=9)
    axis.set_yticks(range(len(layers)), [command[:28] for command, _, _ in layers])
    axis.invert_yaxis()
    axis.set(xscale="log", xlim=(0.5, 1e9), xlabel="kilobytes (logarithmic scale)")
    axis.set(title="After one changed line a node pulls what comes after it")
    return figure


def waves(spans: Mapping[str, tuple[float, float]]) -> Figure:
    """When each object of a sync began and was ready, in seconds; a dot if that was at once."""
    figure, axis = plt.subplots(figsize=(7, 2.6), layout="constrained")
    zero = min(begin for begin, _ in spans.values())
    for row, (begin, end) in enumerate(spans.values()):
        axis.barh(row, end - begin, left=begin - zero, height=0.5, color=BLUE if row else GRAY)
        axis.plot(begin - zero, row, "o", color=ORANGE)
    axis.set_yticks(range(len(spans)), list(spans))
    axis.invert_yaxis()
    axis.set(xlabel="seconds since the sync began", title="A wave waits for the one before")
    return figure


STATUS_COLORS = {
    "Synced": GREEN, "OutOfSync": RED, "Healthy": GREEN, "Progressing": ORANGE,
    "Degraded": RED, "Missing": GRAY, "Unknown": GRAY, "running": BLUE,
}  # fmt: skip


def statuses(lanes: Mapping[str, Sequence[tuple[float, str]]], end: float) -> Figure:
    """A lane for each kind of status: from when on it was what, in seconds, until `end`."""
    figure, axis = plt.subplots(figsize=(7.5, 2.8), layout="constrained")
    shown = {status for lane in lanes.values() for _, status in lane if status in STATUS_COLORS}
    for row, lane in enumerate(lanes.values()):
        for (begin, status), (after, _) in zip(lane, [*lane[1:], (end, "")], strict=True):
            if status in shown:
                axis.barh(row, after - begin, left=begin, height=0.6, color=STATUS_COLORS[status])
    axis.axvline(0, color="black", linestyle="--")
    for status in sorted(shown):
        axis.barh(0, 0, color=STATUS_COLORS[status], label=status)
    axis.set_yticks(range(len(lanes)), list(lanes))
    axis.invert_yaxis()
    axis.set(xlabel="seconds since the push", title="Green at the push is the commit before")
    axis.legend(ncols=len(shown), loc="upper center", bbox_to_anchor=(0.5, -0.28), frameon=False)
    return figure


def flaws(rows: Sequence[Any], text: str) -> Figure:
    """A dot for each row of the audit, at the first of its lines in the text of the workflow."""
    lines, height = text.splitlines(), Counter[int]()
    figure, axis = plt.subplots(figsize=(6.5, 2.2), layout="constrained")
    for who, color, tools in (("reading", BLUE, False), ("zizmor", ORANGE, True)):
        at = [_place(row.naive[0], lines) for row in rows if (row.found_by != "hand") is tools]
        above = [height.update([x]) or height[x] for x in at]
        axis.scatter(at, above, color=color, s=45, label=f"{who}: {len(at)}")
    axis.set(xlabel="line of main.yml", xlim=(0, len(lines) + 1), ylim=(0.3, None))
    axis.set_yticks([])
    axis.legend(title="found by", loc="upper left", ncols=2)
    axis.set_title("Tools look at the form, a reader at what it does", loc="left")
    return figure


def _place(line: str, lines: Sequence[str]) -> int:
    return next(number for number, one in enumerate(lines, 1) if line.strip() in one)


def by_slice(rows: Sequence[tuple[str, float, float, bool]]) -> Figure:
    """A line for each group, from the champion's score to the challenger's; gray: not judged."""
    figure, axis = plt.subplots(figsize=(6.5, 0.26 * len(rows) + 1), layout="constrained")
    for row, (_, old, new, judged) in enumerate(rows):
        axis.plot([old, new], [row, row], color=GRAY, linewidth=2, zorder=1)
        axis.scatter([old], [row], color=BLUE, label="champion" if not row else None)
        color = ORANGE if judged else GRAY
        axis.scatter([new], [row], color=color, label="challenger" if not row else None)
    axis.set_yticks(range(len(rows)), [what for what, *_ in rows])
    axis.invert_yaxis()
    axis.set(xlabel="ROC AUC on the hold-out; gray: too few rows to judge")
    axis.legend(loc="lower left")
    axis.set_title("No group pays for the better average", loc="left")
    return figure
