"""How the bank was checked: each entry against its sources, and a random quarter twice more.

labs/interview/readings/first/<topic>.yml has a row for every entry, chains.yml one for every chain.
Two readers who knew nothing of
each other, nor of the first, then read the same random quarter of the mended bank:
labs/interview/readings/second.yml has what they found, and which of them found it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from pydantic import Field

from mlops_lab.core.paths import INTERVIEW
from mlops_lab.core.schema import Strict, load

READINGS = INTERVIEW / "readings"
Kind = Literal[
    "outdated", "absolute", "mechanism", "figure", "name", "attribution", "evidence", "source"
]
KINDS: dict[Kind, str] = {
    "outdated": "was true once",
    "absolute": "has exceptions that it denies",
    "mechanism": "happens, and for another reason",
    "figure": "a wrong number",
    "name": "a wrong name of a flag, a field or a metric",
    "attribution": "said to be seen, and no cell shows it",
    "evidence": "the cell that is cited proves something else",
    "source": "the source that is cited does not say it",
}
Reader = Literal["a", "b"]


class Wrong(Strict):
    """A claim that did not hold: what was said, what holds, and where that stands."""

    kind: Kind
    said: str
    instead: str
    source: str


class Read(Strict):
    """An entry that was read. `unchecked` claims stand at no source and in no cell."""

    id: str
    claims: Annotated[int, Field(ge=1)]
    unchecked: int = 0
    wrong: list[Wrong]


class First(Strict):
    """The first reading of a topic."""

    topic: str
    read: date
    entries: list[Read]


class Chains(Strict):
    """A reading of the questions that go three deep."""

    read: date
    entries: list[Read]


class Found(Wrong):
    """What a second reading found, and who did."""

    by: Annotated[list[Reader], Field(min_length=1)]


class Again(Strict):
    """An entry that two have read: how many claims each of them looked at."""

    id: str
    claims: tuple[int, int]
    wrong: list[Found]


class Second(Strict):
    """The second reading: a random quarter, drawn by `seed`. `later` topics and ids are newer."""

    read: date
    seed: int
    later: list[str] = Field(default_factory=list)
    entries: list[Again]


def first(folder: Path = READINGS) -> list[First]:
    """The first reading, by topic."""
    paths = sorted((folder / "first").glob("*.yml"))
    return [load(First, path.read_text(encoding="utf-8"), path.name) for path in paths]


def chains(folder: Path = READINGS) -> Chains:
    """The reading of the chains, which were written behind the first."""
    path = folder / "chains.yml"
    return load(Chains, path.read_text(encoding="utf-8"), path.name)


def second(folder: Path = READINGS) -> Second:
    """The second reading."""
    path = folder / "second.yml"
    return load(Second, path.read_text(encoding="utf-8"), path.name)


def quarter(names: Iterable[str], seed: int) -> list[str]:
    """A quarter of them, at random; the same for the same seed."""
    known = sorted(names)
    return sorted(Random(seed).sample(known, round(len(known) / 4)))


@dataclass(frozen=True)
class Estimate:
    """What two readers of the same entries say of the faults that neither has found.

    `claims` is the mean of what the two have counted; `both`, `a` and `b` are faults found by both,
    and by each of them in all.
    """

    claims: float
    a: int
    b: int
    both: int

    @property
    def found(self) -> int:
        """Faults that at least one has found."""
        return self.a + self.b - self.both

    @property
    def there(self) -> float:
        """Faults that there were, by the estimator of Chapman for two captures.

        It holds if the readers are independent and all faults are as hard to find; the hard ones
        are found by neither, so that it is rather too low. Source: D. G. Chapman, Some properties
        of the hypergeometric distribution with applications to zoological sample censuses (1951).
        """
        return (self.a + 1) * (self.b + 1) / (self.both + 1) - 1

    @property
    def rate(self) -> float:
        """Wrong claims as a share of all, as the bank was when the two began to read."""
        return max(self.there, self.found) / self.claims

    @property
    def left(self) -> float:
        """The same once what was found is mended."""
        return max(0.0, self.there - self.found) / self.claims


def estimate(entries: Iterable[Again]) -> Estimate:
    """What the second reading says of the whole."""
    read = list(entries)
    faults = [wrong.by for entry in read for wrong in entry.wrong]
    return Estimate(
        claims=sum(sum(entry.claims) / 2 for entry in read),
        a=sum("a" in by for by in faults),
        b=sum("b" in by for by in faults),
        both=sum({"a", "b"} == set(by) for by in faults),
    )


def agreement(entries: Iterable[Again]) -> float:
    """The share of entries that both found whole, or both found wanting."""
    read = list(entries)
    same = sum(_wanting(entry, "a") == _wanting(entry, "b") for entry in read)
    return same / len(read)


def _wanting(entry: Again, reader: Reader) -> bool:
    return any(reader in wrong.by for wrong in entry.wrong)


def kinds(entries: Iterable[Read | Again]) -> Counter[Kind]:
    """How many wrong claims there are of each kind, the most frequent first."""
    return Counter(wrong.kind for entry in entries for wrong in entry.wrong)
