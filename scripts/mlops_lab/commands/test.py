"""`lab test`: pytest over the engine, the project and the book; nbval over every notebook."""

from typing import Annotated

import typer


def command(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="Passed on to pytest; after -- if they begin with a dash."),
    ] = None,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Only what changed, or what it uses, since it last passed."),
    ] = False,
) -> None:
    """Run every test: the engine, the labs' outputs (nbval), the project, the book.

    Example: ./lab test -- -k contract
    """
    from mlops_lab.testing.suite import run_tests

    raise typer.Exit(run_tests(arguments or [], changed=changed))
