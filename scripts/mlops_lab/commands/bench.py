"""`lab bench`: how fast `lab run` is, against other ways to execute the same notebooks."""

from typing import Annotated

import typer


def command(
    rounds: Annotated[int, typer.Option(min=1, help="How often each way is timed.")] = 3,
) -> None:
    """Time the same notebooks by `lab run`, papermill, nbconvert, nbmake and Jupyter Book.

    Prints a table with ratios and writes build/bench.json. Takes several minutes.

    Example: ./lab bench --rounds 5
    """
    from mlops_lab.runs.bench import bench

    bench(rounds)
