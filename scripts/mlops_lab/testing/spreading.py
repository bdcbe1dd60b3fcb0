"""A plugin for pytest: how `lab test` spreads the tests over its workers.

The tests of a file stay together and share what is costly to make; a notebook's cells share its
kernel. What takes long begins first: at the end, when one worker has nothing left to do, the
other should not have much left either.
"""

from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Files of long tests that share nothing: each test goes to whichever worker is free.
APART = (
    "tests/runs/test_faults.py",
    "tests/mlops/test_put_back.py",
    "tests/test_setup.py",
    "tests/test_surroundings.py",
    "tests/lab/test_entry.py",
    "tests/runs/test_scheduler.py",
    "tests/monitoring/test_rules.py",
)
# Files that share what is costly to make: a book, and the browser that shows it.
TOGETHER = (
    "tests/book/test_drill_files.py",
    "tests/book/test_drill_log.py",
    "tests/book/test_drill_page.py",
)
FIRST = (
    "tests/cluster/host/test_node.py",
    "tests/book/test_book.py",
    *APART,
    *TOGETHER,
    "tests/testing/test_judging.py",
    "tests/test_guides.py",
    "tests/audit/test_audit.py",
    "tests/test_code.py",
    "tests/testing/test_selection.py",
    "tests/churn/test_project.py",
    "tests/services/test_supervisor.py",
)


class Spread(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker one file after the other, or one test of those that stand apart."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in TOGETHER:
            return TOGETHER[0]
        return nodeid if file in APART else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Any:
    """Have xdist use ours."""
    return Spread(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, then the notebooks."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0]
    if file in FIRST:
        return FIRST.index(file)
    return len(FIRST) + (not file.endswith(".ipynb"))
