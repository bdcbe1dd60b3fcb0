"""The way into a lab: first its programs, then the masked environment.

Nothing else masks a process, so that whatever command comes first, programs are fetched and built
while the network and the user's cache can still be reached.
"""

import os
import sys
from collections.abc import Iterable

from mlops_lab.core.environment import mask
from mlops_lab.core.errors import LabError
from mlops_lab.lab.catalog import Spec
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
    specs = list(specs)
    trouble = {name: _trouble(name) for spec in specs for name in spec.programs}
    found = {spec.stem: [trouble[name] for name in spec.programs] for spec in specs}
    return {stem: "\n".join(filter(None, why)) for stem, why in found.items() if any(why)}


def _trouble(name: str) -> str:
    """Why the program cannot be had; empty if it is there, now or from before."""
    try:
        if programs.at_hand(name) is None:
            wanted = component(name)
            if wanted.package:
                print(f"lab: building {name} {wanted.version}, once", file=sys.stderr, flush=True)
            programs.program(name)
    except (LabError, OSError) as error:
        return str(error)
    return ""
