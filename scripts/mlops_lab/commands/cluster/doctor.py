"""`lab cluster doctor`: which providers can work here, and why not the others."""

import typer


def command() -> None:
    """Say for each provider whether this machine can run it; exits with 1 if none can."""
    from mlops_lab.cluster.providers import current, providers

    running, able = current(), 0
    for name, provider in providers().items():
        problems = [] if running and running.name == name else provider.problems()
        able += not problems
        state = "is up" if running and running.name == name else "can run here"
        typer.echo(f"{name:<6} {provider.about}: {'cannot run here' if problems else state}")
        for problem in problems:
            typer.echo(f"         {problem.what}; {problem.mend}")
    raise typer.Exit(int(able == 0))
