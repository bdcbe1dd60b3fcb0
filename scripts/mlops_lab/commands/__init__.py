"""One file per command; the command's name is the file's name.

Nothing heavy is imported before a command needs it: `lab --help` must stay quick.
"""

from collections.abc import Callable
from typing import Any

from mlops_lab.commands import (
    anki,
    bench,
    book,
    clean,
    doctor,
    down,
    mock,
    open,
    plan,
    record,
    run,
    status,
    test,
    up,
)

# In the order in which the help shows them.
COMMANDS: dict[str, Callable[..., Any]] = {
    module.__name__.rpartition(".")[2]: module.command
    for module in (
        run,
        test,
        open,
        up,
        down,
        status,
        book,
        mock,
        anki,
        plan,
        record,
        doctor,
        bench,
        clean,
    )
}
