"""What proves each alert: a unit test, the labs in which it fires, who is told there, a page."""

import json
import re
from collections.abc import Iterator

import pytest

from mlops_lab.core.paths import BOOK, NOTEBOOKS
from monitoring.rules import GROUPS, cases

RULES = [rule for rules in GROUPS.values() for rule in rules if "alert" in rule]
# What a lab types to ask whether the message has come.
TOLD = {"slack": "told slack", "mail": "told mail"}
# It fires always, and its silence is told.
ALWAYS = {"Watchdog": "told slack 'DEADMAN: no'"}


# A row: the alert, and each of its proofs, by the name of the column.
Proof = dict[str, str]


def proofs() -> list[Proof]:
    """A row for every alert, in the order of the rule files."""
    cells = [*_cells()]
    return [_proof(str(rule["alert"]), cells) for rule in RULES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the table when the tests of alerts have run."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    if any("monitoring/test_alerts.py" in getattr(report, "nodeid", "") for report in reports):
        terminalreporter.section("alerts and what proves them")
        for line in table(proofs()):
            terminalreporter.line(line)


def table(rows: list[Proof]) -> list[str]:
    """The rows as text, below a head, in columns."""
    lines = [[*rows[0]], *([*row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]


def _proof(name: str, cells: list[tuple[str, str]]) -> Proof:
    own = [(lab, source) for lab, source in cells if _fires(name, source)]
    tests = [
        file
        for file, asked in cases(name).items()
        if any(case["exp_alerts"] for some in asked for case in some)
    ]
    told = [who for who, typed in TOLD.items() if any(_told(typed, name, s) for _, s in own)]
    if name in ALWAYS and any(ALWAYS[name] in source for _, source in cells):
        told = ["dead man's switch"]
    page = BOOK / "alerts" / f"{name}.md"
    return {
        "alert": name,
        "unit test": ", ".join(test for test in tests if test != "quiet" or name in ALWAYS),
        "fires in": ", ".join(sorted({lab for lab, _ in own})),
        "told": ", ".join(told),
        "runbook": page.name if page.exists() else "",
    }


def _told(typed: str, name: str, source: str) -> bool:
    """Whether the cell waits for the message: by the alert's name, or in a loop over names."""
    return _said(rf"{re.escape(typed)} ['\"]FIRING (\$?\w+)", name, source)


def _fires(name: str, source: str) -> bool:
    """Whether the cell waits until it fires or is told, or asks for it by its series."""
    return _said(r"(?:alert |alertname=.|FIRING )(\$?\w+)", name, source)


def _said(pattern: str, name: str, source: str) -> bool:
    """Whether the pattern's group has the name, or a loop's variable that takes it."""
    found = re.findall(pattern, source)
    looped = " ".join(re.findall(r"for name in (.*?); do", source, re.DOTALL)).split()
    return name in found or ("$name" in found and name in looped)


def _cells() -> Iterator[tuple[str, str]]:
    """The lab's number and the source of every code cell."""
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield notebook.stem.partition("-")[0], "".join(cell["source"])
