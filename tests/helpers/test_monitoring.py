"""Pictures of what Prometheus answers."""

from typing import Any

import httpx
import pytest

from mlops_lab.helpers import monitoring

SERIES = [
    {"metric": {"alertname": "A"}, "values": [[100, "1"], [101, "1"]]},
    {"metric": {"alertname": "B"}, "values": [[104, "1"]]},
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the API was asked; it answers with SERIES."""
    questions: list[dict[str, Any]] = []

    def get(url: str, params: dict[str, Any], timeout: float) -> httpx.Response:
        questions.append(params)
        answer = {"data": {"result": SERIES}}
        return httpx.Response(200, json=answer, request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)
    return questions


def test_points_are_minutes_since_the_beginning(asked: list[dict[str, Any]]) -> None:
    first, second = monitoring.over_time("http://x", "up", 40, 1, 2)
    assert first == [(1, 1), (61 / 60, 1)]
    assert second == [(64 / 60, 1)]
    assert asked == [{"query": "up", "start": 100, "end": 160, "step": 15}]


def test_each_value_of_a_label_has_a_row_and_each_state_a_color(
    asked: list[dict[str, Any]],
) -> None:
    drawn = {"pending": ("p", "orange"), "firing": ("f", "red")}
    figure = monitoring.states(
        "http://x", "alertname", drawn, since=90, step=1, marks={"a fault begins": [95]}
    )
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["A", "B"]
    assert len(axis.collections) == 2 * len(SERIES)
    begins = axis.collections[0].get_paths()[0].vertices[:, 0].min()
    assert begins == 10
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "pending",
        "firing",
        "a fault begins",
    ]
    assert list(axis.lines[0].get_xdata()) == [5, 5]
    assert [question["query"] for question in asked] == ["p", "f"]


def test_memory_grows_on_a_line_to_where_it_is_asked_for() -> None:
    (axis,) = monitoring.grown([0, 10, 20], [1, 2, 3], until=100).axes
    line, measured = axis.lines
    assert list(line.get_ydata()) == pytest.approx([1, 11])
    assert list(measured.get_xdata()) == [0, 10, 20]


def test_each_name_has_a_bar() -> None:
    (axis,) = monitoring.bars({"a": 1, "b": 3}, "MiB").axes
    assert [bar.get_width() for bar in axis.patches] == [1, 3]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
