"""What is downloaded or built once: outside the checkout, keyed by content, never half written."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CACHE


def folder() -> Path:
    """The user's cache folder of the lab; LAB_CACHE names another.

    The checkout's own where the user has none that can be written to.
    """
    if chosen := os.environ.get("LAB_CACHE"):
        return Path(chosen).expanduser().absolute()
    users = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    own = users / "mlops-lab"
    there = next((path for path in (own, *own.parents) if path.exists()), own)
    return own if os.access(there, os.W_OK) else CACHE / "mlops-lab"


def key(*parts: str | bytes | Path) -> str:
    """A short name for exactly this content; a path stands for the file's bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        data = data.encode() if isinstance(data, str) else data
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()[:12]


def obtain(name: str, make: Callable[[Path], None]) -> Path:
    """`name` in the cache, made now by `make(path)` if it is not there.

    It is made beside and moved into place when complete, so that nobody sees half of it.

    Raises:
        LabError: there is no place for it.
    """
    path = folder() / name
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        place = f"{path.parent}: {error.strerror}"
        raise LabError(f"{place}; LAB_CACHE=FOLDER names another place") from error
    try:
        make(scratch / path.name)
        os.rename(scratch / path.name, path)
    except OSError:
        if not path.exists():  # else somebody else was faster, which is as good
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return path


def sweep(names: Iterable[str]) -> None:
    """Remove what a killed process left half made beside these."""
    for name in names:
        path = folder() / name
        for scratch in path.parent.glob(f".{path.name}.*"):
            shutil.rmtree(scratch, ignore_errors=True)
