"""`lab clean`: remove what the lab made."""

from typing import Annotated

import typer


def command(
    everything: Annotated[
        bool, typer.Option("--all", help="Also .venv, so that the next call sets up anew.")
    ] = False,
) -> None:
    """Remove build/ and .lab/, what runs and tests leave behind. Drill progress is kept.

    Example: ./lab clean --all
    """
    import shutil

    from mlops_lab.core.locks import held
    from mlops_lab.core.paths import BUILD, ROOT, STATE
    from mlops_lab.runs.session import LOCK
    from mlops_lab.upkeep import background

    for stem in background.alive():
        background.down(stem)
    with held(LOCK, "lab run"):
        for folder in [BUILD, STATE, *([ROOT / ".venv"] if everything else [])]:
            shutil.rmtree(folder, ignore_errors=True)
            print(f"removed {folder.name}/")
