"""`lab cluster`: one file per command, as for `lab` itself."""

from collections.abc import Callable
from typing import Any

from mlops_lab.commands.cluster import doctor, down, logs, status, up

# In the order in which the help shows them.
COMMANDS: dict[str, Callable[..., Any]] = {
    module.__name__.rpartition(".")[2]: module.command
    for module in (up, down, status, logs, doctor)
}
