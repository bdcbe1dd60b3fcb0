"""`lab cluster up`: a Kubernetes cluster with the whole platform."""

from typing import Annotated

import typer


def command(
    provider: Annotated[
        str | None,
        typer.Option(help="kind, host or eks; the first that this machine can run if left out."),
    ] = None,
) -> None:
    """Bring up Kubernetes, KServe and Argo CD. Doing it twice is fine; it repairs what broke.

    Example: ./lab cluster up
    """
    from mlops_lab.cluster import lifecycle

    lifecycle.up(provider)
