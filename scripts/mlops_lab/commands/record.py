"""`lab record`: run labs, and commit-ready notebooks are the result."""

import typer

from mlops_lab.commands.run import WORKERS, Labs, Workers


def command(labs: Labs = None, jobs: Workers = WORKERS) -> None:
    """Run labs and write their outputs and stamps into notebooks/.

    An output stays as it was where it differs only in what tests/sanitizers.cfg erases. Nothing is
    written for a lab that fails.

    Example: ./lab record 02
    """
    from mlops_lab.catalog import select
    from mlops_lab.session import record

    raise typer.Exit(record(select(labs), jobs))
