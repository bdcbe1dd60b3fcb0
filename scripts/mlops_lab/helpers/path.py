"""The map of the path that a model takes: each stop, and the labs of the catalog that act there."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlops_lab.helpers.pictures import BLUE, GRAY, LIGHT_BLUE
from mlops_lab.lab import catalog

# By the topics in the labs' names. A stop of which no lab exists is drawn as one.
STOPS = {
    "data": ("handover",),
    "S3": ("dvc-s3",),
    "registry": ("mlflow",),
    "image": ("image-ecr",),
    "cluster": ("kserve", "kserve-cluster", "argocd"),
    "monitoring": (
        "prometheus",
        "infrastructure-alerts",
        "platform-alerts",
        "operator",
        "serving-slo",
        "drift",
        "retraining",
        "logs-and-traces",
        "dashboards",
    ),
}
CI, AGAIN = ("ci", "delivery"), ("continuous-training",)


def numbers(topics: Iterable[str]) -> str:
    """The numbers of the labs that exist of these topics; three or more in a row as a range."""
    stems = catalog.stems()
    rows: list[list[str]] = []
    for place, stem in enumerate(stems):
        if stem.partition("-")[2] in topics:
            in_row = rows and place and rows[-1][-1] == stems[place - 1]
            rows[-1].append(stem) if in_row else rows.append([stem])
    found = [text for row in rows for text in _row([stem.split("-")[0] for stem in row])]
    plural = "s" if sum(map(len, rows)) > 1 else ""
    return f"lab{plural} {', '.join(found)}" if found else "no lab yet"


def _row(row: list[str]) -> list[str]:
    return [f"{row[0]}\N{EN DASH}{row[-1]}"] if len(row) > 2 else row


def model() -> tuple[Figure, str]:
    """The picture of the path, and its text form."""
    labs = {stop: numbers(topics) for stop, topics in STOPS.items()}
    stops = " → ".join(f"{stop} ({lab})" for stop, lab in labs.items())
    under = f"CI and CD go this way on a push, up to the cluster ({numbers(CI)})"
    back = f"new data, drift or age: train again ({numbers(AGAIN)})"
    alt = f"The path of a model: {stops}. {under}. Back from the end to the data: {back}."
    return _drawn(labs, under, back), alt


def _drawn(labs: dict[str, str], under: str, back: str) -> Figure:
    figure, axis = plt.subplots(figsize=(7.8, 2.2))
    last, before = len(labs) - 1, None
    for x, (stop, lab) in enumerate(labs.items()):
        there = lab.startswith("lab")
        box = {
            "boxstyle": "round,pad=0.5",
            "fc": "white" if x else LIGHT_BLUE,
            "ec": "black" if there else GRAY,
            "ls": "-" if there else "--",
        }
        text = axis.text(x, 1, stop, ha="center", va="center", size=9, bbox=box)
        axis.text(
            x, 0.45, lab, ha="center", va="center", size=9, color=BLUE if there else "#666666"
        )
        between = {"patchA": before, "patchB": text.get_bbox_patch(), "shrinkA": 6, "shrinkB": 6}
        if x:
            axis.annotate("", (x, 1), (x - 1, 1), arrowprops={"arrowstyle": "->", **between})
        before = text.get_bbox_patch()
    arrow = {"arrowstyle": "->", "connectionstyle": "arc3,rad=0.12"}
    axis.annotate("", (0, 1.35), (last, 1.35), arrowprops=arrow)
    axis.text(last / 2, 1.88, back, ha="center")
    axis.text(last / 2, 0, under, ha="center", color="#666666")
    axis.set(xlim=(-0.5, last + 0.5), ylim=(-0.2, 2.1))
    axis.set_axis_off()
    return figure
