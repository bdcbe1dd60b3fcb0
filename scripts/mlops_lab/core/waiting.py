"""Waiting: for an event where there is one, else by looking again and again, to one limit.

The limit only ends what would never end: what is waited for takes seconds on an idle machine, and
this one may be five times as slow, cold and busy with something else. A death is noticed at once,
so a long limit costs nobody anything.
"""

import time
from collections.abc import Callable
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.text import tail

PAUSE = 0.05  # seconds between two looks
LIMIT = 600.0  # seconds, for anything
# A cell may wait for several things, each with a limit of its own that tells more than a cell that
# is cut off: lab 05b runs four pipelines in one.
CELL_LIMIT = 6 * LIMIT
# A test calls one or two programs that may take so long, and most are done within seconds.
TEST_LIMIT = 2 * LIMIT
# For questions that a person asks (doctor, status): a Docker or an API server that hangs must not
# hang the command. Who is to wait for the answer asks again, up to LIMIT.
ANSWER_LIMIT = 60.0


def until(
    what: str,
    ready: Callable[[], bool],
    log: Path | None = None,
    alive: Callable[[], bool] = lambda: True,
    limit: float | None = None,
) -> None:
    """Return once `ready`.

    `limit` is in seconds; without one it is LIMIT, and ``math.inf`` is for what only a death ends.

    Raises:
        LabError: it died or was not ready in time; the end of its log is in the message.
    """
    limit = LIMIT if limit is None else limit
    deadline = time.monotonic() + limit
    while not ready():
        # Looked at before `ready` is asked for the last time: what is done may have ended.
        dead, late = not alive(), time.monotonic() > deadline
        if (dead or late) and not ready():
            end = f"\n{tail(log)}" if log else ""
            raise LabError(f"{what} {'died' if dead else f'not ready within {limit:g} s'}{end}")
        time.sleep(PAUSE)
