"""What the labs were recorded with, beside what is pinned now: for `lab doctor --stamps`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_lab.core.terminal import unbroken
from mlops_lab.lab.catalog import Spec, select
from mlops_lab.toolchain import pins
from mlops_lab.toolchain.versions import components


@dataclass(frozen=True)
class Behind:
    """A lab whose page shows an older version than the pinned one."""

    lab: str
    name: str
    recorded: str
    pinned: str


def behind(specs: list[Spec]) -> list[Behind]:
    """Every version in the labs' stamps that has moved since."""
    return [found for spec in specs for found in _of(spec)]


def _of(spec: Spec) -> Iterator[Behind]:
    yield from _moved(spec.stem, spec.stamp.get("versions", {}), pins.pins()[0])
    if cluster := spec.stamp.get("cluster"):
        pinned = {name: part.version for name, part in components().items()}
        if cluster["provider"] != "host":
            # The others bring a patch release of their own.
            del pinned["kubernetes"]
        yield from _moved(spec.stem, cluster["versions"], pinned)


def _moved(lab: str, recorded: Mapping[str, str], pinned: Mapping[str, str]) -> Iterator[Behind]:
    for name in sorted(recorded.keys() & pinned.keys()):
        if recorded[name] != pinned[name]:
            yield Behind(lab, name, recorded[name], pinned[name])


def show() -> int:
    """Print what is behind; the status is 0, since a page says what it was recorded with."""
    console, found = unbroken(), behind(select(None))
    for one in found:
        console.print(f"{one.lab}: {one.name} {one.recorded}, pinned is {one.pinned}")
    labs = " ".join(dict.fromkeys(one.lab.partition("-")[0] for one in found))
    console.print(
        f"to bring them up to date: ./lab record {labs}"
        if found
        else "every lab was recorded with the versions that are pinned now"
    )
    return 0
