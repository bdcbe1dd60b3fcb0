"""`lab drill`: a session of questions by itself, and one file per command on what is kept of it."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer

from mlops_lab.commands.drill import export, stats
from mlops_lab.interview import NEW, SESSION

# In the order in which the help shows them. `import` is a word of Python's.
COMMANDS: dict[str, Callable[..., Any]] = {
    module.__name__.rpartition(".")[2]: module.command
    for module in (stats, export, import_module(f"{__name__}.import"))
}


def command(
    context: typer.Context,
    topic: Annotated[
        list[str] | None, typer.Option(help="Only this topic, such as dvc; again for more.")
    ] = None,
    level: Annotated[
        list[str] | None, typer.Option(help="Only junior, mid or senior; again for more.")
    ] = None,
    lab: Annotated[
        list[str] | None, typer.Option(help="Only what this lab proves, such as 07.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many questions.")] = SESSION,
    new: Annotated[int, typer.Option(min=0, help="At most this many never seen before.")] = NEW,
) -> None:
    """Ask the questions that are due: answer aloud, reveal, grade yourself. Ctrl-D ends it.

    Example: ./lab drill --topic dvc --limit 5
    """
    if context.invoked_subcommand:
        _refuse(context, context.invoked_subcommand)
        return
    from mlops_lab.interview.drill.run import drill

    drill(topic or (), level or (), lab or (), limit=limit, new=new)


def _refuse(context: typer.Context, name: str) -> None:
    """Say that options of a session are lost on another command."""
    from mlops_lab.core.errors import Usage

    given = (context.get_parameter_source(option) for option in context.params)
    if any(source and source.name == "COMMANDLINE" for source in given):
        raise Usage(f"the options before {name} are those of a session; ./lab drill {name} -h")
