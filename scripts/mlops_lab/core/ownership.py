"""A checkout is worked in by one user: what root leaves in it, others cannot change."""

import os
import pwd
import shlex
from contextlib import suppress
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import ROOT, STATE


def claim() -> None:
    """Note whose work the checkout's state is.

    Root takes its folder over. Whose checkout it is then hears of that at once, and not from a lab
    that fails in the middle.

    Raises:
        LabError: it is this user's checkout, and somebody else has worked in it.
    """
    STATE.mkdir(exist_ok=True)
    me, other = os.geteuid(), _owner(STATE)
    if me == 0 != other:
        with suppress(OSError):  # root of a container may be nobody outside
            os.chown(STATE, 0, -1)
    elif me != other and me == _owner(ROOT):
        raise LabError(
            f"{_name(other)} has worked in this checkout, as `sudo ./lab` does, and left what you "
            f"cannot change; go on with sudo, or take it: sudo chown -R {_name(me)} "
            f"{shlex.quote(str(ROOT))}"
        )


def _owner(path: Path) -> int:
    return path.stat().st_uid


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
