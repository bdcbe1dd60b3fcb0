"""Programs that are built while labs run that need none of them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mlops_lab.core.errors import LabError
from mlops_lab.core.guard import Guard, owned_by
from mlops_lab.lab import catalog
from mlops_lab.lab.catalog import Spec
from mlops_lab.lab.entry import obtain


@contextmanager
def building(
    specs: Sequence[Spec], say: Callable[[str], None]
) -> Iterator[Callable[[], dict[str, str]]]:
    """Have what the labs call, in a process of its own, since this one will be masked.

    Yields what waits for its end and then knows, for each lab that lacks something, why. It says
    line by line what it builds.
    """
    guard = Guard(f"building-{os.getpid()}")
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", f"from {__name__} import build; build()"]
        + [spec.stem for spec in specs],
        env=owned_by(guard.owner, dict(os.environ)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for this process, whose guard ends that one
    )
    hearing = threading.Thread(target=_hear, args=(process, say))
    hearing.start()

    def lacking() -> dict[str, str]:
        assert process.stdout
        found = process.stdout.read()
        # Nothing comes from one that was killed, or that has told what it failed on.
        lost = dict.fromkeys((spec.stem for spec in specs), "the build broke off; see above")
        return dict(json.loads(found)) if found else lost

    try:
        yield lacking
    finally:
        guard.close()
        hearing.join()
        process.wait()


def _hear(process: subprocess.Popen[str], say: Callable[[str], None]) -> None:
    assert process.stderr
    for line in process.stderr:
        say(line.rstrip())


def build() -> None:
    """The whole life of that process."""
    try:
        print(json.dumps(obtain(catalog.select(sys.argv[1:]))))
    except (LabError, OSError) as error:
        sys.exit(f"lab: {error}")
