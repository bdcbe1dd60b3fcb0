"""Answers of Prometheus over time, and their picture."""

from collections.abc import Mapping, Sequence

import httpx
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlops_lab.core.waiting import LIMIT
from mlops_lab.helpers.pictures import BLUE, GREEN, ORANGE, RED

Points = Sequence[tuple[float, float]]


def over_time(
    url: str, expression: str, begin: float, first: float, last: float, step: float = 15
) -> list[Points]:
    """The series that answer a query in a span: minutes since `begin` (Unix seconds), and values.

    A range query of the API, every `step` seconds:
    https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries

    Raises:
        httpx.HTTPStatusError: Prometheus refused the query.
    """
    span = {"start": begin + 60 * first, "end": begin + 60 * last, "step": step}
    answer = httpx.get(
        f"{url}/api/v1/query_range", params={"query": expression, **span}, timeout=LIMIT
    )
    series = answer.raise_for_status().json()["data"]["result"]
    return [[((at - begin) / 60, float(said)) for at, said in one["values"]] for one in series]


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
