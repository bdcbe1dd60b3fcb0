"""`lab clean`: what runs and tests leave behind is removed, and nothing else."""

import shutil

from mlops_lab.cluster import providers
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import held
from mlops_lab.core.paths import BUILD, ROOT, STATE
from mlops_lab.runs.session import LOCK
from mlops_lab.upkeep import background
from mlops_lab.upkeep.jupyter import OPEN


def clean(*, everything: bool) -> None:
    """Remove what was made; the reader's own copies of notebooks only with `everything`.

    Raises:
        LabError: a cluster is up, of which nobody would know any more.
        Busy: a run is under way.
    """
    if provider := providers.current():
        raise LabError(f"a {provider.name} cluster is up; first ./lab cluster down")
    for stem in background.alive():
        background.down(stem)
    with held(LOCK, "lab run"):
        keeps = OPEN.exists() and not everything
        made = [path for path in STATE.glob("*") if path != OPEN] if keeps else [STATE]
        for path in [BUILD, *made, *([ROOT / ".venv"] if everything else [])]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            print(f"removed {path.relative_to(ROOT)}")
        if keeps:
            print(f"kept {OPEN.relative_to(ROOT)}, your copies of notebooks; --all removes them")
