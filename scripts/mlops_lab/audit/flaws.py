"""labs/audit/audit.yml as data, and what turns a hardened line back."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from mlops_lab.audit.project import WORKFLOWS, Project
from mlops_lab.audit.workflows import CHECKS
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import LABS
from mlops_lab.core.schema import STRICT, load

FILE = LABS / "audit" / "audit.yml"
CHURN, MLOPS = LABS / "churn", LABS / "mlops"
HARDENED = ("ci.yml", "cd.yml", "ct.yml")
HAND = "hand"
# What may stand here without changing a row: an action's commit with its version, a job's name.
ANY = {"<pin>": r"[0-9a-f]{40} # v\d[\d.]*", "<job>": r"\w+"}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
Line = Annotated[str, StringConstraints(min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


@dataclass(frozen=True, config=STRICT)
class Place:
    """A hardened line; `file` may be a pattern (`c?.yml`) when it stands in several files."""

    file: str
    line: Line


@dataclass(frozen=True, config=STRICT)
class Change:
    """What turns a hardened line back to its naive form, at one occurrence at a time."""

    file: str
    find: Line
    replace: str


@dataclass(frozen=True, config=STRICT)
class Row:
    """One flaw. `answer` is what a candidate says about it in 30 to 60 seconds."""

    id: Id
    title: Text
    naive: tuple[Line, ...]
    found_by: str
    cost: Text
    fix: Text
    answer: Text
    check: str
    hardened: tuple[Place, ...]
    back: tuple[Change, ...]
    demo: str = ""
    tell: bool = False

    def problems(self, project: Project) -> list[str]:
        """What the row's check finds in the project; nothing if the flaw is not there."""
        return CHECKS[self.check](project)


@dataclass(frozen=True)
class Mutation:
    """A hardened file with one line turned back: its path, the lines that change, the new text."""

    path: str
    lines: tuple[int, ...]
    text: str


@cache
def rows(path: Path = FILE) -> tuple[Row, ...]:
    """Every flaw, in the order of main.yml.

    Raises:
        LabError: an entry is incomplete, has an id twice, or names a check that does not exist.
    """
    found = load(tuple[Row, ...], path.read_text(encoding="utf-8"), path.name)
    for number, row in enumerate(found):
        if row.check not in CHECKS:
            raise LabError(f"{path.name}: {row.id}: check: there is no {row.check}")
        if row.id in [other.id for other in found[:number]]:
            raise LabError(f"{path.name}: {row.id}: id: used twice")
    return found


def naive(folder: Path = CHURN) -> Project:
    """The project as it was handed over: its one workflow."""
    name = WORKFLOWS + "main.yml"
    return Project({name: (folder / name).read_text(encoding="utf-8")})


def hardened(folder: Path = MLOPS) -> Project:
    """The three workflows, the Makefile that their steps run, and the modules that it runs."""
    paths = [folder / WORKFLOWS / name for name in HARDENED]
    paths += [folder / "Makefile", *sorted((folder / "delivery").glob("*.py"))]
    return Project(
        {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    )


def occurrences(project: Project, file: str, text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Where `text` stands in the files that the pattern `file` means."""
    pattern = re.escape(text)
    for name, anything in ANY.items():
        pattern = pattern.replace(re.escape(name), anything)
    for path, content in project.files.items():
        if fnmatch(path.removeprefix(WORKFLOWS), file):
            yield from ((path, match) for match in re.finditer(pattern, content))


def mutations(row: Row, project: Project) -> list[Mutation]:
    """Every way to turn one hardened line of the row back.

    Raises:
        LabError: a change finds nothing to change.
    """
    found: list[Mutation] = []
    for change in row.back:
        before = len(found)
        for path, match in occurrences(project, change.file, change.find):
            text = project.files[path]
            first = text.count("\n", 0, match.start()) + 1
            last = first + match[0].rstrip("\n").count("\n")
            new = text[: match.start()] + change.replace + text[match.end() :]
            found.append(Mutation(path, tuple(range(first, last + 1)), new))
        if len(found) == before:
            raise LabError(f"{FILE.name}: {row.id}: back: no {change.find!r} in {change.file}")
    return found


def table(chosen: tuple[Row, ...] | None = None) -> str:
    """Markdown: a flaw a line, naive → hardened, and who finds it."""
    lines = ["| flaw | naive | hardened | found by |", "|---|---|---|---|"]
    for row in chosen if chosen is not None else rows():
        cells = (row.title, _code(row.naive[0]), _hardened(row), row.found_by)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)


def _hardened(row: Row) -> str:
    first = row.hardened[0]
    files = [name for name in HARDENED if fnmatch(name, first.file)] or [first.file]
    return f"{_code(first.line)} ({', '.join(files)})"


def _code(line: str) -> str:
    return f"`{line.strip()}`"
