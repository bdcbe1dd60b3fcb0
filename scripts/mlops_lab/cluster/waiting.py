"""Wait for something that has no event to offer, and say why it did not come."""

import time
from collections.abc import Callable
from pathlib import Path

from mlops_lab.errors import LabError
from mlops_lab.text import tail

PAUSE = 0.05  # seconds between two looks
LIMIT = 60.0  # seconds


def until(
    what: str,
    ready: Callable[[], bool],
    log: Path | None = None,
    alive: Callable[[], bool] = lambda: True,
) -> None:
    """Return once `ready`.

    Raises:
        LabError: it died or was not ready in time; the end of its log is in the message.
    """
    deadline = time.monotonic() + LIMIT
    while not ready():
        end = f"\n{tail(log)}" if log else ""
        if not alive():
            raise LabError(f"{what} died{end}")
        if time.monotonic() > deadline:
            raise LabError(f"{what} not ready within {LIMIT:g} s{end}")
        time.sleep(PAUSE)
