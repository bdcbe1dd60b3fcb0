"""The labs: which there are, in the table of contents' order, and what each needs."""

import json
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path
from typing import Any

from pydantic.dataclasses import dataclass

from mlops_lab.core.errors import LabError, Usage
from mlops_lab.core.paths import NOTEBOOKS
from mlops_lab.core.schema import STRICT, check
from mlops_lab.core.text import nearest
from mlops_lab.core.toc import files as files  # the catalog of pages is part of that of labs


@dataclass(frozen=True, config=STRICT)
class Spec:
    """What a notebook's metadata says about its lab, under the key ``lab``.

    `page` is the cell in which `url` becomes the address of a page that ``lab up`` shows.
    """

    stem: str
    title: str
    services: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ("local",)
    eks_cost: str = ""
    page: str = ""
    stamp: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its number, such as ``07b``."""
        return self.stem.partition("-")[0]

    @property
    def name(self) -> str:
        """How pages call it."""
        return f"{self.number} · {self.title}"

    @property
    def path(self) -> Path:
        """The committed notebook."""
        return NOTEBOOKS / f"{self.stem}.ipynb"

    @property
    def cluster(self) -> bool:
        """Whether some of its cells need a cluster."""
        return set(self.profiles) != {"local"}

    @property
    def seconds(self) -> float:
        """How long the recorded run took; 0 if there was none."""
        return float(self.stamp.get("seconds", 0))


def stems() -> list[str]:
    """The labs' names, in the order of _toc.yml."""
    return [file.removeprefix("notebooks/") for file in files("notebooks/")]


def read(stem: str) -> Spec:
    """A lab's spec.

    Raises:
        LabError: the notebook is not there, is not JSON, or its metadata is not a lab's.
    """
    path = NOTEBOOKS / f"{stem}.ipynb"
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        lab = notebook["metadata"]["lab"]
        first = next(c for c in notebook["cells"] if c["cell_type"] == "markdown")
        title = "".join(first["source"]).splitlines()[0].lstrip("# ")
        ids = [cell["id"] for cell in notebook["cells"]]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise LabError(f"{path.name}: cell ids used twice: {', '.join(twice)}")
        if (page := lab.get("page")) and page not in ids:
            raise LabError(f"{path.name}: lab.page: no cell {page}{nearest(page, ids)}")
        return check(Spec, {"stem": stem, "title": title, **lab}, path.name)
    except FileNotFoundError as error:
        raise LabError(f"{path.name} is in _toc.yml, but not in notebooks/") from error
    except (ValueError, KeyError, TypeError, StopIteration, IndexError) as error:
        raise LabError(f"{path.name} is not a lab's notebook: {error!r}") from error


def select(names: Iterable[str] | None) -> list[Spec]:
    """The named labs (a stem, or its number as in ``02``), or all; in the book's order.

    Raises:
        Usage: an unknown name; the nearest are in the message.
    """
    known = stems()
    wanted = set()
    for name in names or known:
        hits = [s for s in known if s == name or s.split("-")[0] == name]
        if not hits:
            raise Usage(f"no such lab: {name}{nearest(name, known)}")
        wanted.update(hits)
    return [read(stem) for stem in known if stem in wanted]
