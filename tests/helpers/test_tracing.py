"""Traces from Jaeger's API, and their pictures."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mlops_lab.core.errors import LabError
from mlops_lab.helpers import tracing
from mlops_lab.helpers.tracing import Span

Answers = Callable[..., None]


def span(kind: str, start: int, microseconds: int, **tags: Any) -> dict[str, Any]:
    said = [{"key": key, "value": value} for key, value in {"span.kind": kind, **tags}.items()]
    return {
        "operationName": "GET", "processID": "p1", "startTime": start,
        "duration": microseconds, "tags": said,
    }  # fmt: skip


def trace(name: str, *spans: dict[str, Any]) -> dict[str, Any]:
    return {"traceID": name, "spans": spans, "processes": {"p1": {"serviceName": "model"}}}


SERVED = span("server", 5_000_000, 3_000_000)
SENT = span("client", 6_000_000, 500_000, error=True)
MESSAGE = span("internal", 5_500_000, 1_000)


@pytest.fixture
def jaeger(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Lets Jaeger answer with one thing after another; the last one again and again."""

    def answers(*answers: dict[str, Any] | None) -> None:
        waiting = list(answers)

        def get(url: str, **_: Any) -> httpx.Response:
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            request = httpx.Request("GET", url)
            return httpx.Response(200 if answer else 404, json=answer, request=request)

        monkeypatch.setattr(httpx, "get", get)

    monkeypatch.setattr(tracing.time, "sleep", lambda seconds: None)
    return answers


def test_only_requests_and_their_seconds_are_told(jaeger: Answers) -> None:
    jaeger({"data": [trace("a", SENT, MESSAGE, SERVED)]})
    assert tracing.stored("http://x", "a") == [
        Span("model", "GET", "server", 0, 3),
        Span("model", "GET", "client", 1, 0.5),
    ]


def test_a_trace_is_waited_for_until_it_is_whole(jaeger: Answers) -> None:
    part, whole = ({"data": [trace("a", *some)]} for some in ([SERVED], [SERVED, SENT]))
    jaeger(None, part, whole)
    assert len(tracing.spans("http://x", "a", count=2)) == 2


def test_who_waits_in_vain_is_told_what_there_is(
    jaeger: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    jaeger({"data": [trace("a", SERVED)]})
    monkeypatch.setattr(tracing, "LIMIT", 0)
    with pytest.raises(LabError, match="a has 1 requests, not 2"):
        tracing.spans("http://x", "a", count=2)


def test_a_summary_has_the_whole_time_and_any_error(jaeger: Answers) -> None:
    jaeger({"data": [trace("a", SERVED, SENT), trace("b", SERVED, MESSAGE)]})
    found = tracing.summaries("http://x", "model", before=9e9)
    assert found == {"a": (3, True), "b": (3, False)}


def test_what_had_not_ended_or_has_lost_its_request_is_left_out(jaeger: Answers) -> None:
    jaeger({"data": [trace("a", SERVED), trace("b", MESSAGE), trace("c", SENT)]})
    end = (SERVED["startTime"] + SERVED["duration"]) / 1e6
    assert set(tracing.summaries("http://x", "model", before=end + 1)) == {"a"}
    assert tracing.summaries("http://x", "model", before=end) == {}


def test_a_bar_is_full_for_who_serves_and_hollow_for_who_waits() -> None:
    served, sent = Span("a", "GET", "server", 0, 3), Span("b", "GET", "client", 1, 0.5)
    (axis,) = tracing.timeline([served, sent]).axes
    full, hollow = axis.patches
    assert (full.get_x(), full.get_width(), full.get_facecolor()[3]) == (0, 3, 1)
    assert (hollow.get_x(), hollow.get_width(), hollow.get_facecolor()[3]) == (1, 0.5, 0)


def test_what_a_sampler_dropped_is_gray() -> None:
    traces = {"a": (0.1, False), "b": (0.2, True)}
    (axis,) = tracing.kept(traces, {"none": set(), "all": {"a", "b"}}).axes
    colors = [line.get_color() for line in axis.lines]
    assert colors == ["#dddddd", "#dddddd", tracing.BLUE, tracing.RED]
