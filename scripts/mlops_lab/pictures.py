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
