"""The engine of the MLOps Interview Lab.

A notebook needs one name from here::

    from mlops_lab import Lab
    lab = Lab("02-dvc-s3")
"""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_lab.lab.lab import Lab

__all__ = ["Lab"]

# When this process got here, for the report: a few hundredths of a second after its start.
STARTED = time.monotonic()


def __getattr__(name: str) -> Any:
    # Lazy, so that `lab --help` does not import what only a notebook needs.
    if name == "Lab":
        from mlops_lab.lab.lab import Lab

        return Lab
    raise AttributeError(name)
