"""`lab doctor`: what this machine can do, and what to do about the rest."""

import typer


def command() -> None:
    """Say what this machine has and lacks, with the command that gets what is missing.

    Example: ./lab doctor
    """
    from mlops_lab.doctor import examine

    raise typer.Exit(examine())
