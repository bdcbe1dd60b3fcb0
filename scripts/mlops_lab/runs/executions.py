"""What `lab run` executed, as the kernels said it, and of which state of everything it is."""

from pathlib import Path
from typing import Any

import nbformat

from mlops_lab.core.paths import BUILD
from mlops_lab.lab.catalog import Spec
from mlops_lab.runs.changes import of_lab

FOLDER = BUILD / "executions"
# In the notebook's metadata: the fingerprint of what the lab depended on when it ran.
MARK = "fingerprint"


def path(spec: Spec) -> Path:
    """Where the lab's execution is kept."""
    return FOLDER / spec.path.name


def forget(spec: Spec) -> None:
    """Drop the lab's execution: a new one begins, or it has failed."""
    path(spec).unlink(missing_ok=True)


def keep(spec: Spec, executed: Path, fingerprint: str) -> None:
    """Keep the execution before anything is changed in it.

    `fingerprint` is of the moment before it began. What was changed meanwhile makes it worthless,
    since nobody knows which of the two it saw.
    """
    if fingerprint != of_lab(spec):
        return
    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata[MARK] = fingerprint
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = path(spec).with_suffix(".part")
    nbformat.write(notebook, part)
    part.replace(path(spec))


def fitting(spec: Spec) -> Any:
    """The lab's execution, if it is of what is here now, else None."""
    try:
        notebook = nbformat.read(path(spec), as_version=4)
    except (OSError, ValueError):
        return None
    return notebook if notebook.metadata.get(MARK) == of_lab(spec) else None
