"""Traces as Jaeger has them, and their pictures."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.helpers.pictures import BLUE, GREEN, ORANGE, RED

COLORS = (BLUE, ORANGE, GREEN)


class Span(NamedTuple):
    """A piece of work: who did what, from which second of its trace on, for how many seconds."""

    service: str
    name: str
    kind: str
    begin: float
    seconds: float


def spans(url: str, trace: str, count: int) -> list[Span]:
    """The requests in a trace, those sent and those served, once there are `count` of them.

    The spans inside of a server, of which an ASGI server has one for each message, are left out.
    The API is the one that Jaeger's page uses:
    https://www.jaegertracing.io/docs/2.13/architecture/apis/#query-json-over-http

    Raises:
        LabError: they do not come.
    """
    deadline = time.monotonic() + LIMIT
    while len(found := stored(url, trace)) < count:
        if time.monotonic() > deadline:
            raise LabError(f"trace {trace} has {len(found)} requests, not {count}")
        time.sleep(0.2)
    return found


def stored(url: str, trace: str) -> list[Span]:
    """The same, as many as there are now; none if Jaeger does not know the trace."""
    answer = httpx.get(f"{url}/api/traces/{trace}", timeout=LIMIT)
    return _requests(answer.json()["data"][0]) if answer.status_code == 200 else []


def _requests(trace: Mapping[str, Any]) -> list[Span]:
    """By their begin, from the first on."""
    services = {key: value["serviceName"] for key, value in trace["processes"].items()}
    first = min(span["startTime"] for span in trace["spans"])
    found = []
    for span in trace["spans"]:
        kind = next(tag["value"] for tag in span["tags"] if tag["key"] == "span.kind")
        if kind in ("server", "client"):
            begin, seconds = (span["startTime"] - first) / 1e6, span["duration"] / 1e6
            service = services[span["processID"]]
            found.append(Span(service, span["operationName"], kind, begin, seconds))
    return sorted(found, key=lambda span: span.begin)


def timeline(found: Sequence[Span]) -> Figure:
    """A bar for each request, in the color of its service; one that is sent is hollow."""
    figure, axis = plt.subplots(figsize=(6.5, 0.2 * len(found) + 1.2), layout="constrained")
    colors = dict(zip(dict.fromkeys(span.service for span in found), COLORS, strict=False))
    for row, span in enumerate(found):
        color = colors[span.service]
        inside = color if span.kind == "server" else "none"
        axis.barh(row, span.seconds, left=span.begin, color=inside, edgecolor=color)
    names = [f"{span.service} {'serves' if span.kind == 'server' else 'sends'}" for span in found]
    axis.set_yticks(range(len(found)), names, fontsize=7)
    axis.invert_yaxis()
    axis.set(xlabel="seconds since the request came", xlim=(0, None))
    return figure


def summaries(url: str, service: str, before: float) -> dict[str, tuple[float, bool]]:
    """The traces in which a service has served a request: seconds, and whether anything failed.

    Only those that had ended at `before`, in seconds since 1970: of others a part may be there.
    """
    asked: dict[str, str | int] = {"service": service, "limit": 100_000, "lookback": "1h"}
    answer = httpx.get(f"{url}/api/traces", params=asked, timeout=LIMIT).raise_for_status()
    found = answer.json()["data"] or []
    whole = (one for one in found if _served(one, service) and _end(one["spans"]) < before * 1e6)
    return {one["traceID"]: _summary(one["spans"]) for one in whole}


def _served(trace: Mapping[str, Any], service: str) -> bool:
    return any(span.kind == "server" and span.service == service for span in _requests(trace))


def _end(found: Sequence[Mapping[str, Any]]) -> float:
    """In microseconds, as Jaeger has all times."""
    return max(float(span["startTime"] + span["duration"]) for span in found)


def _summary(found: Sequence[Mapping[str, Any]]) -> tuple[float, bool]:
    begin = min(span["startTime"] for span in found)
    tags = [(tag["key"], tag["value"]) for span in found for tag in span["tags"]]
    return (_end(found) - begin) / 1e6, ("error", True) in tags


def kept(
    traces: Mapping[str, tuple[float, bool]], samplers: Mapping[str, Collection[str]]
) -> Figure:
    """A row for each sampler: all traces by their seconds, those that it kept in color."""
    figure, axis = plt.subplots(figsize=(6.5, 0.6 * len(samplers) + 1.2), layout="constrained")
    for row, names in enumerate(samplers.values()):
        for order, (trace, (seconds, failed)) in enumerate(traces.items()):
            color = (RED if failed else BLUE) if trace in names else "#dddddd"
            height = row + 0.6 * (order / len(traces) - 0.5)
            axis.plot(seconds, height, ".", color=color, zorder=2 if trace in names else 1)
    axis.set_yticks(range(len(samplers)), samplers)
    axis.invert_yaxis()
    axis.set(xscale="log", xlabel="seconds of the trace; red: something failed, gray: not kept")
    axis.xaxis.set_major_formatter("{x:g}")
    return figure
