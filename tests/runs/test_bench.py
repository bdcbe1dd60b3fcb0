"""Which labs `lab bench` times: those that every way can execute here."""

import json

from conftest import Mini


def with_cluster(mini: Mini) -> None:
    """A lab that has cells for a cluster."""
    path = mini.lab("01-one")
    notebook = json.loads(path.read_text())
    notebook["metadata"]["lab"]["profiles"] = ["local", "kind"]
    path.write_text(json.dumps(notebook))


def test_a_lab_with_cells_for_a_cluster_needs_one(mini: Mini) -> None:
    with_cluster(mini)
    done = mini.call("bench", "01")
    assert done.returncode == 2
    assert "needed by cells of 01-one: a cluster; ./lab cluster up" in done.stdout


def test_such_a_lab_is_left_out_unless_it_is_named(mini: Mini) -> None:
    with_cluster(mini)
    assert "no lab is left to time" in mini.call("bench").stdout
