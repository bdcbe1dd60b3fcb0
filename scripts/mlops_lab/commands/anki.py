"""`lab anki`: the question bank as a package for Anki."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Where to write it; else build/mlops-interview-lab.apkg.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """Write the questions as a deck for Anki.

    A newer deck updates your cards and keeps your progress.

    Example: ./lab anki ~/mlops.apkg
    """
    from mlops_lab.core.paths import BUILD
    from mlops_lab.interview import anki, bank

    if file is None:
        BUILD.mkdir(exist_ok=True)
        file = BUILD / anki.FILE
    anki.write(file, bank.topics())
    print(f"{len(bank.entries())} questions: {file}")
