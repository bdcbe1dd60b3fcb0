"""`lab bench`: how fast `lab run` is, against other ways to execute the same notebooks."""

from typing import Annotated

import typer


def command(
    labs: Annotated[
        list[str] | None,
        typer.Argument(help="Labs by name or number. Default: all without cells for a cluster."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each way is timed.")] = 1,
) -> None:
    """Time the same notebooks by `lab run`, papermill, nbconvert, nbmake and Jupyter Book.

    Prints a table with ratios and writes build/bench.json. A round of all labs takes over half an
    hour.

    Example: ./lab bench --rounds 3 01 02 03
    """
    from mlops_lab.lab.catalog import select
    from mlops_lab.runs.bench import bench

    bench(select(labs) if labs else [spec for spec in select(None) if not spec.cluster], rounds)
