"""`lab cluster status`: what of the cluster is up."""

import typer


def command() -> None:
    """Show what is up; exits with 1 if the cluster is not whole."""
    from mlops_lab.cluster import lifecycle

    raise typer.Exit(lifecycle.status())
