"""What a notebook's cells say about themselves: the step they belong to, and their tag."""

from typing import Any

# On a cell that needs Kubernetes: it runs when a cluster is up, else its recorded output stays.
CLUSTER = "cluster"


def needs_cluster(cell: Any) -> bool:
    """Whether the cell has the tag of cluster cells."""
    return CLUSTER in cell.metadata.get("tags", ())


def headings(notebook: Any) -> list[str]:
    """For each cell the heading that it stands under."""
    found, current = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            current = cell.source.splitlines()[0].lstrip("# ")
        found.append(current)
    return found
