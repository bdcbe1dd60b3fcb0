"""The labs as cards, for the start page."""

from collections.abc import Sequence

from mlops_lab.book import notebooks
from mlops_lab.core.text import seconds
from mlops_lab.interview import bank
from mlops_lab.lab.catalog import Spec


def cards(specs: Sequence[Spec]) -> str:
    """Markdown: a card a lab, with what it proves, its measured time and what it needs."""
    return "\n".join([":::::{grid} 1 2 2 2\n:gutter: 3\n", *map(_card, specs), ":::::\n"])


def _card(spec: Spec) -> str:
    asked = f"{len(bank.for_lab(spec.stem))} questions"
    services = f"services: {', '.join(spec.services) or 'none'}"
    cluster = "a cluster for some steps" if spec.cluster else "no cluster"
    foot = " · ".join([seconds(spec.seconds), asked, services, cluster])
    head = f"::::{{grid-item-card}} {spec.name}\n:link: /notebooks/{spec.stem}\n:link-type: doc"
    return f"{head}\n\n{proves(spec)}\n\n:::{{card-footer}}\n{foot}\n:::\n::::"


def proves(spec: Spec) -> str:
    """The first two points of the lab's summary."""
    cells = notebooks.read(spec.path).cells
    summary = next((cell.source for cell in cells if cell.id == "summary"), "")
    return "\n".join([line for line in summary.splitlines() if line.startswith("- ")][:2])
