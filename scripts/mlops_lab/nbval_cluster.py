"""A plugin for pytest: nbval runs of a notebook what can run here.

Cluster cells are skipped where no cluster is up, labs where a program cannot be had.
"""

import os

import pytest

from mlops_lab.cells import needs_cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason and what helps."""
    cells = [item for item in items if hasattr(item, "cell")]
    if not cells:
        return
    _skip_labs(cells)
    tagged = [item for item in cells if needs_cluster(item.cell)]
    if not tagged:
        return
    from mlops_lab.cluster.access import available

    if not available():
        for item in tagged:
            item.add_marker(pytest.mark.skip(reason="no cluster is up; ./lab cluster up"))


def _skip_labs(cells: list[pytest.Item]) -> None:
    """Skip the labs that lack something; in CI only after the first cell, which then says it."""
    from mlops_lab.catalog import read, stems
    from mlops_lab.entry import obtain

    labs = {stem: [cell for cell in cells if cell.path.stem == stem] for stem in stems()}
    for stem, why in obtain(read(stem) for stem, found in labs.items() if found).items():
        for cell in labs[stem][1 if os.environ.get("CI") else 0 :]:
            cell.add_marker(pytest.mark.skip(reason=why))
