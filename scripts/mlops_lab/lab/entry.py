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
from mlops_lab.lab.prepare import SOURCES
from mlops_lab.services.definitions import resolve
from mlops_lab.toolchain import cache, programs
from mlops_lab.toolchain.modules import source
from mlops_lab.toolchain.versions import component


def enter(specs: Iterable[Spec]) -> dict[str, str]:
    """Have what the labs call, and mask this process; for each lab that lacks something, why."""
    lacking = obtain(specs)
    mask()
    return lacking


def obtain(specs: Iterable[Spec]) -> dict[str, str]:
    """Have what the labs call; for each lab that lacks something, by its stem, why."""
    specs = list(specs)
    # Where a masked process, and what it starts, looks as well.
    os.environ.setdefault("LAB_CACHE", str(cache.folder()))
    trouble = functools.cache(_trouble)  # a program that several labs need is tried once
    found = {spec.stem: [*filter(None, _troubles(spec, trouble))] for spec in specs}
    lacking = {stem: "\n".join(why) for stem, why in found.items() if why}
    for spec in specs:
        if spec.stem not in lacking:
            _deliver(spec)
    return lacking


def waiting(specs: Iterable[Spec]) -> list[Spec]:
    """The labs for which something has to be built first."""

    @functools.cache  # several labs need one program
    def lacks(name: str) -> bool:
        return component(name).is_built and programs.at_hand(name) is None

    return [spec for spec in specs if any(map(lacks, _pinned(spec)))]


def _troubles(spec: Spec, trouble: Callable[[str], str]) -> Iterator[str]:
    """For each program of the lab and of its services, why it cannot be had."""
    yield from map(trouble, _pinned(spec))
    for service in resolve(spec.services):
        yield service.program.lacking()


def _pinned(spec: Spec) -> Iterator[str]:
    """The components that the lab calls, itself or through its services."""
    yield from spec.programs
    yield from spec.images if _builds(spec) else ()
    for service in resolve(spec.services):
        if service.program.is_pinned:
            yield service.program.name


def _builds(spec: Spec) -> bool:
    """Whether the images that the lab brings are built here, for a cluster without a registry."""
    if not spec.images:
        return False
    from mlops_lab.cluster import access

    return access.offline()


def _deliver(spec: Spec) -> None:
    """Give a cluster what the lab brings: manifests from sources, and images on its nodes."""
    if not spec.images:
        return
    from mlops_lab.cluster import access

    if access.available():
        for step in set(spec.prepare) & set(SOURCES):
            source(component(SOURCES[step]))
        access.load(spec.images)


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
