"""A lab runs the same in odd but ordinary surroundings, or one line says why it does not.

The rows of the table are in surroundings.yml; what a row cannot say is below.
"""

import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT, Mini, run

LAB = ROOT / "lab"
RUN = "run --no-book"

# What a lab may see of the world: outputs, environment, git, a shell, a service.
PYTHON = """
import os, subprocess, sys, urllib.request
try:
    assert False
except AssertionError:
    print("asserts work")
from mlops_lab.core.environment import DOCKER, LABS, SAFE, keep
known = {*keep(os.environ, LABS), *SAFE, *DOCKER}
print("strangers:", sorted(set(os.environ) - known))
print("venom" in str(dict(os.environ)), os.environ["AWS_ACCESS_KEY_ID"])
print(urllib.request.urlopen(lab.services["tiny"].url).status)
print(subprocess.check_output(["python", "-c", "print(1, 'naïve')"], text=True), end="")
"""
SHELL = """%%bash
git init --quiet repo && cd repo
printf 'a\\nb\\n' >ä && git add ä && git commit --quiet --message one
git log --format='%an %G? %D' && git status && wc -c <ä
echo line | grep line | cat
TZ=UTC date -d @0 +%B
"""
OUTPUTS = [
    "asserts work\nstrangers: []\nFalse testing\n200\n1 naïve\n",
    "Lab N HEAD -> main\nOn branch main\nnothing to commit, working tree clean\n4\nline\nJanuary\n",
]


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    seen: str
    env: dict[str, str] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    files: dict[str, str | None] = field(default_factory=dict)
    shell: list[str] = field(default_factory=list)
    command: str = RUN
    says: str = ""
    status: int = 0


def rows() -> dict[str, Row]:
    table = yaml.safe_load((ROOT / "tests/surroundings.yml").read_text(encoding="utf-8"))
    return {name: Row(**row) for name, row in table.items()}


ROWS = rows()


def lay_out(folder: Path, files: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        (path if content is None else path.parent).mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_text(content, encoding="utf-8")
            path.chmod(0o755)
    return folder


@dataclass(frozen=True)
class Place:
    """Where a row's surroundings are laid out."""

    mini: Mini
    folder: Path
    short: Path


@pytest.fixture
def place(mini: Mini, tmp_path: Path) -> Iterator[Place]:
    """A place with a lab in it, and a folder with a short path, unlike pytest's on some systems."""
    mini.lab("01-one", PYTHON, SHELL, services=("tiny",))
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        (Path(short) / "a b").mkdir()
        yield Place(mini, tmp_path, Path(short))


def call(row: Row, place: Place) -> subprocess.CompletedProcess[str]:
    """Call lab as a person in these surroundings would, with nothing else in the environment."""
    home, tmp = lay_out(place.folder / "home", row.home), lay_out(place.folder / "row", row.files)
    path = os.environ["PATH"]
    places = {"{tmp}": str(tmp), "{path}": path, "{short}": str(place.short)}

    def fill(text: str) -> str:
        for name, value in places.items():
            text = text.replace(name, value)
        return text

    env = {"PATH": path, "HOME": str(home), "USER": "reader", "LOGNAME": "reader"}
    if row.command == RUN:
        env |= {k: v for k, v in place.mini.env().items() if k.startswith("LAB_")}
    env |= {name: fill(value) for name, value in row.env.items()}
    command = [str(LAB), *shlex.split(row.command)]
    if row.shell:
        script = "\n".join([*map(fill, row.shell), 'exec "$@"'])
        command = ["/bin/sh", "-c", script, "sh", *command]
    return run(*command, status=None, env=env, cwd=place.mini.root)


def outputs(mini: Mini) -> list[str]:
    executed = json.loads((mini.root / "build/notebooks/01-one.ipynb").read_text())
    cells = executed["cells"][2:]
    return ["".join("".join(o.get("text", "")) for o in cell["outputs"]) for cell in cells]


def trouble(row: Row, place: Place) -> str:
    """What does not hold in these surroundings, or nothing."""
    done = call(row, place)
    told = done.stdout + done.stderr
    if "Traceback" in told or done.returncode != row.status or row.says not in told:
        return f"status {done.returncode}\n{told}"
    if row.command == RUN and (seen := outputs(place.mini)) != OUTPUTS:
        return f"another output: {seen}"
    return "" if place.mini.none_left() else "processes are left"


def together(names: Iterable[str]) -> list[list[str]]:
    """The rows in as few groups as possible of which no two set the same thing.

    What a shell does could undo what variables and files are for, so that those rows have groups
    of their own. Without its output, a lab could hide another's trouble.
    """
    groups: list[list[str]] = []
    taken: list[set[str]] = []
    for name in names:
        row = ROWS[name]
        things = {*row.env, *row.home, *row.files, *re.findall(r"\w+", " ".join(row.shell))}
        if row.command != RUN or any(">&-" in line for line in row.shell):
            groups.append([name])
            taken.append(set())
            continue
        for group, used in zip(groups, taken, strict=True):
            same = bool(ROWS[group[0]].shell) == bool(row.shell)
            if used and same and not used & things:
                group.append(name)
                used |= things
                break
        else:
            groups.append([name])
            taken.append(things)
    return groups


def merged(names: Iterable[str]) -> Row:
    rows = [ROWS[name] for name in names]
    first = rows[0]
    return replace(
        first,
        env={k: v for row in rows for k, v in row.env.items()},
        home={k: v for row in rows for k, v in row.home.items()},
        files={k: v for row in rows for k, v in row.files.items()},
        shell=[line for row in rows for line in row.shell],
    )


@pytest.mark.parametrize("names", together(ROWS), ids="; ".join)
def test_a_lab_runs_the_same(names: list[str], place: Place) -> None:
    told = trouble(merged(names), place)
    if told and len(names) > 1:
        # Which of them it is: each alone.
        told += "".join(f"\n\n{name}: {trouble(ROWS[name], place)}" for name in names)
    assert not told, told


def test_every_row_has_its_report() -> None:
    assert ROWS
    assert all(row.seen.startswith("https://") for row in ROWS.values())
