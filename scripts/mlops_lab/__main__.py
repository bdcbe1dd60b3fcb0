"""`lab`: every command is a file in commands/; this gathers them and tells errors plainly."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import typer

from mlops_lab.commands import COMMANDS, cluster, drill
from mlops_lab.core.environment import enter
from mlops_lab.core.errors import Interrupted, LabError

# What the machine may refuse, and what a person can do about it.
FULL = "free some space: ./lab clean removes what runs have made"
NOT_OURS = "make it writable, or clone the book to a folder of your own"
IN_THE_WAY = "move it away: a file is where a folder belongs, or the other way round"
CURES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: NOT_OURS,
    errno.EPERM: NOT_OURS,
    errno.EROFS: NOT_OURS,
    errno.EEXIST: IN_THE_WAY,
    errno.ENOTDIR: IN_THE_WAY,
    errno.EISDIR: IN_THE_WAY,
    errno.ENOTEMPTY: "something else is at work there; try again when it has ended",
    errno.ENAMETOOLONG: "move the checkout to a shorter path",
    errno.EMFILE: "allow more open files: ulimit -n 1024",
    errno.ENFILE: "close something, the whole machine has too many open files",
    errno.EAGAIN: "allow more processes: ulimit -u",
    errno.ENOMEM: "close something, or run one lab at a time: ./lab run -j 1",
}


def _help(command: Callable[..., None]) -> str:
    """Its docstring, whose lines a terminal breaks anew."""
    return "\n\n".join(" ".join(part.split()) for part in (command.__doc__ or "").split("\n\n"))


app = typer.Typer(
    name="lab",
    help="MLOps Interview Lab: runbooks that really execute, and the questions they answer.",
    epilog="Start with: ./lab run",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
for name, command in COMMANDS.items():
    app.command(name, no_args_is_help=False, help=_help(command))(command)

session = typer.Typer(invoke_without_command=True)
session.callback(help=_help(drill.command))(drill.command)
for name, command in drill.COMMANDS.items():
    session.command(name, help=_help(command))(command)
app.add_typer(session, name="drill")

group = typer.Typer(no_args_is_help=True, help="A Kubernetes cluster for the labs' cluster cells.")
for name, command in cluster.COMMANDS.items():
    group.command(name, help=_help(command))(command)
app.add_typer(group, name="cluster")


def main() -> NoReturn:
    """Run the command line and exit with its status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _interrupt)
    enter()
    status = 0
    try:
        app(prog_name="lab")
        sys.stdout.flush()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except (LabError, Interrupted) as error:
        status = _tell(str(error), error.status)
    except BrokenPipeError:
        status = 128 + signal.SIGPIPE  # who read our output has gone, as `head` does
    except OSError as error:
        if error.errno not in CURES:
            raise
        what = error.filename or "while writing"
        status = _tell(f"{error.strerror}: {what}; {CURES[error.errno]}", 1)
    except Exception as error:
        # A signal while a class is made: Python up to 3.11 raises another error from ours.
        if not isinstance(error.__cause__, Interrupted):
            raise
        status = _tell(str(error.__cause__), error.__cause__.status)
    _flush()
    # Not sys.exit: a thread that still waits for a killed kernel must not hold us up.
    os._exit(status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass  # nobody is there to read it


def _tell(message: str, status: int) -> int:
    if message:
        print(f"lab: {message}", file=sys.stderr)
    return status


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted(number)


if __name__ == "__main__":
    main()
