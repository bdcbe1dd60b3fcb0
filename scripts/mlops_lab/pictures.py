"""The labs' pictures: data in, a matplotlib figure out. Colors are safe for the color-blind."""

from typing import Any

import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, RED, GRAY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"


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
