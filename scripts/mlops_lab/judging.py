"""A plugin for pytest: nbval runs a notebook's cluster cells when a cluster is up, else not."""

import pytest

from mlops_lab.cells import needs_cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip cluster cells, with the reason, where there is no cluster."""
    tagged = [item for item in items if hasattr(item, "cell") and needs_cluster(item.cell)]
    if not tagged:
        return
    from mlops_lab.cluster.access import available

    if not available():
        for item in tagged:
            item.add_marker(pytest.mark.skip(reason="no cluster is up; ./lab cluster up"))
