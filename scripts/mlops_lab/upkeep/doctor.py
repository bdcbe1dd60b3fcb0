"""What this machine can do: checks as data, each with the command that mends it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import psutil
from rich.console import Console

from mlops_lab.core.paths import ROOT
from mlops_lab.core.terminal import unbroken
from mlops_lab.lab.catalog import select
from mlops_lab.toolchain import go, node
from mlops_lab.toolchain.programs import at_hand
from mlops_lab.toolchain.versions import component

GIB = 2**30


@dataclass(frozen=True)
class Check:
    """One thing that labs or tests want; `needed` ones decide the exit status."""

    what: str
    found: Callable[[], str | None]
    mend: str
    needed: bool = True


def _program(name: str) -> Callable[[], str | None]:
    return lambda: shutil.which(name)


def _memory() -> str | None:
    free = psutil.virtual_memory().available
    return f"{free / GIB:.1f} GiB free" if free > 3 * GIB else None


def _disk() -> str | None:
    free = shutil.disk_usage(ROOT).free
    return f"{free / GIB:.1f} GiB free" if free > GIB else None


def _python() -> str | None:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 14)
    return platform.python_version() if fits else None


def _writable() -> str | None:
    return str(ROOT.name) if os.access(ROOT, os.W_OK) else None


CHECKS = (
    Check("Python 3.11 to 3.14", _python, "install one, or LAB_PYTHON=/path/to/python ./lab run"),
    Check("git", _program("git"), "apt-get install git, or brew install git"),
    Check("bash", _program("bash"), "apt-get install bash"),
    Check("curl", _program("curl"), "apt-get install curl"),
    Check("perl", _program("perl"), "apt-get install perl"),
    Check("ps", _program("ps"), "apt-get install procps"),
    Check("3 GiB of memory", _memory, "close something, or run one lab at a time: ./lab run -j 1"),
    Check("1 GiB of disk", _disk, "./lab clean, or free some"),
    Check("a checkout that can be written to", _writable, f"chown it: {ROOT}"),
    Check(
        "Chromium (tests of the book's pages, and its PDF)",
        partial(at_hand, "chromium"),
        component("chromium").get,
        needed=False,
    ),
)


def _called() -> list[Check]:
    """The programs that labs call."""
    specs = select(None)
    return [
        Check(
            f"{name} (for {', '.join(s.stem for s in specs if name in s.programs)})",
            partial(_obtainable, name),
            component(name).get or go.GET,
            needed=False,
        )
        for name in dict.fromkeys(name for spec in specs for name in spec.programs)
    ]


def _obtainable(name: str) -> str | None:
    """How labs come to a program, without building it now."""
    if found := at_hand(name):
        return found
    wanted = component(name)
    tool = node.obtainable() if wanted.bundled else go.obtainable() if wanted.is_built else None
    return f"to be built, once, with {tool}" if tool else None


def examine() -> int:
    """Print every check; the status is 1 if a needed one fails."""
    console = unbroken()
    missing = 0
    for check in (*CHECKS, *_called()):
        found = check.found()
        if found:
            console.print(f"[green]ok[/]       {check.what}: {found}")
        else:
            missing += check.needed
            word = "[red]missing[/]" if check.needed else "[yellow]without[/]"
            console.print(f"{word}  {check.what}; to get it: {check.mend}")
    _clusters(console)
    total = sum(spec.seconds for spec in select(None))
    console.print(f"labs: {len(select(None))}, recorded in {total:.0f} s of lab time")
    return int(missing > 0)


def _clusters(console: Console) -> None:
    """Which providers can bring a cluster up, and why not the others; labs run without one."""
    from mlops_lab.cluster.providers import current, providers

    running = current()
    for name, provider in providers().items():
        up = running is not None and running.name == name
        problems = [] if up else provider.problems()
        word = "[yellow]without[/]" if problems else "[green]ok[/]     "
        state = "" if problems else ": is up" if up else ": can run here"
        console.print(f"{word}  cluster on {name}{state}", highlight=False)
        for problem in problems:
            console.print(f"           {problem.what}; {problem.mend}", highlight=False)
