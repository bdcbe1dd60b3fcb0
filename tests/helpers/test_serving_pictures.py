"""What the pictures of requests draw, read back from their bars."""

from mlops_lab.helpers import serving_pictures

NAMES = {"0.9": "version 1", "0.5": "version 2"}


def test_each_version_has_its_share_of_a_bar() -> None:
    rows = {"even": {"0.9": 100, "0.5": 100}, "one only": {"0.5": 50}}
    axis = serving_pictures.shares(rows, NAMES).axes[0]
    widths = [[bar.get_width() for bar in group] for group in axis.containers]
    assert widths == [[50, 0], [50, 100]]
    assert [bar.get_x() for bar in axis.containers[1]] == [50, 0]
    assert [text.get_text() for text in axis.texts] == ["100", "", "100", "50"]


def test_requests_are_counted_in_steps_and_failures_apart() -> None:
    requests = [(0.1, "0.9"), (0.2, "0.9"), (1.5, "failed: refused"), (2.5, "0.5")]
    axis = serving_pictures.over_time({"a": requests}, NAMES, width=1).axes[0]
    counts = [[bar.get_height() for bar in group] for group in axis.containers]
    assert counts == [[2, 0, 0], [0, 0, 1], [0, 1, 0]]
