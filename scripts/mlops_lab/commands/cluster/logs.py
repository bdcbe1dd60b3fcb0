"""`lab cluster logs`: what the cluster's components wrote."""

from typing import Annotated

import typer


def command(
    component: Annotated[
        str | None, typer.Argument(help="Such as kubelet; all are listed if left out.")
    ] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help="How many.")] = 40,
) -> None:
    """Show the end of a component's log. Logs of pods are kubectl's to show.

    Example: ./lab cluster logs kubelet
    """
    from mlops_lab.cluster.providers import current
    from mlops_lab.core.errors import LabError, Usage
    from mlops_lab.core.text import nearest, tail

    provider = current()
    if provider is None:
        raise LabError("no cluster is up; ./lab cluster up brings one up")
    logs = provider.logs()
    if component is None:
        typer.echo("\n".join(f"{name:<26} {path}" for name, path in logs.items()))
    elif component in logs:
        typer.echo(tail(logs[component], lines))
    else:
        raise Usage(f"no such component: {component}{nearest(component, logs)}")
