"""The way into a lab: first its programs, then the masked environment.

Nothing else masks a process, so that whatever command comes first, programs are fetched and built
while the network and the user's cache can still be reached.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator

from mlops_lab.core.environment import mask
from mlops_lab.core.errors import LabError
from mlops_lab.lab.catalog import Spec
from mlops_lab.services.definitions import resolve
from mlops_lab.toolchain import cache, programs
from mlops_lab.toolchain.versions import component


def enter(specs: Iterable[Spec]) -> dict[str, str]:
    """Have what the labs call, and mask this process; for each lab that lacks something, why."""
    lacking = obtain(specs)
    mask()
    return lacking


def obtain(specs: Iterable[Spec]) -> dict[str, str]:
    """Have what the labs call; for each lab that lacks something, by its stem, why."""
    # Where a masked process, and what it starts, looks as well.
    os.environ.setdefault("LAB_CACHE", str(cache.folder()))
    trouble = functools.cache(_trouble)  # a program that several labs need is tried once
    found = {spec.stem: [*filter(None, _troubles(spec, trouble))] for spec in specs}
    return {stem: "\n".join(why) for stem, why in found.items() if why}


def _troubles(spec: Spec, trouble: Callable[[str], str]) -> Iterator[str]:
    """For each program of the lab and of its services, why it cannot be had."""
    yield from map(trouble, spec.programs)
    for service in resolve(spec.services):
        program = service.program
        yield trouble(program.name) if program.is_pinned else program.lacking()


def _trouble(name: str) -> str:
    """Why the program cannot be had; empty if it is there, now or from before."""
    try:
        if programs.at_hand(name) is None:
            wanted = component(name)
            if wanted.is_built:
                print(f"lab: building {name} {wanted.version}, once", file=sys.stderr, flush=True)
            programs.program(name)
    except (LabError, OSError) as error:
        return str(error)
    return ""
