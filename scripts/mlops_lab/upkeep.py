"""`lab up`, `down` and `status`: a lab's services kept by a process in the background."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from mlops_lab import catalog
from mlops_lab.entry import enter, obtain
from mlops_lab.errors import LabError
from mlops_lab.locks import held, is_held
from mlops_lab.paths import LOGS, ROOT, UP
from mlops_lab.services import Supervisor, attach, resolve
from mlops_lab.text import tail

# Longer than any service's own time limit, which is what a person should be told about.
LIMIT = 120  # seconds


def up(spec: catalog.Spec) -> None:
    """Return once the lab's services work.

    Raises:
        LabError: one died or was not ready in time.
    """
    lock, log = UP / f"{spec.stem}.lock", LOGS / f"up.{spec.stem}.log"
    # Here, since the notebook that needs them comes next; its services do not.
    for why in obtain([spec]).values():
        print(f"lab: {spec.stem} will not run to its end: {why}", file=sys.stderr)
    if not is_held(lock):
        LOGS.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-c", "import mlops_lab.upkeep as u; u.keep()", spec.stem],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        listing, deadline = UP / spec.stem / "services.json", time.monotonic() + LIMIT
        while not (is_held(lock) and listing.exists()):
            if keeper.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"the services of {spec.stem} do not start\n{tail(log)}")
            time.sleep(0.05)
    try:
        for running in attach(UP / spec.stem / "services.json").values():
            running.wait()
    except LabError:
        down(spec.stem)
        raise


def keep() -> None:
    """The background process's whole life: start, wait for SIGTERM, stop."""
    (spec,) = catalog.select([sys.argv[1]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    enter(())
    folder = UP / spec.stem
    listing = folder / "services.json"
    listing.unlink(missing_ok=True)
    with held(UP / f"{spec.stem}.lock", f"lab up {spec.stem}"):
        supervisor = Supervisor(folder, f"up.{spec.stem}")
        try:
            supervisor.start(resolve(spec.services))
            supervisor.write(listing)
            while True:
                signal.pause()
        finally:
            listing.unlink(missing_ok=True)
            supervisor.stop()


def down(stem: str) -> bool:
    """Stop the lab's services; False if they were not up."""
    import json

    lock = UP / f"{stem}.lock"
    if not is_held(lock):
        return False
    os.kill(int(json.loads(lock.read_text(encoding="utf-8"))["pid"]), signal.SIGTERM)
    while is_held(lock):
        time.sleep(0.05)
    return True


def alive() -> list[str]:
    """The labs whose services are up."""
    return sorted(path.stem for path in UP.glob("*.lock") if is_held(path))


def show(stems: Sequence[str]) -> None:
    """Print the services of these labs."""
    console = Console()
    if not stems:
        console.print("nothing is up; ./lab up LAB starts a lab's services")
    for stem in stems:
        table = Table(box=None, title=stem, title_justify="left", pad_edge=False)
        for column in ("service", "URL", "version", "log"):
            table.add_column(column, overflow="fold")
        for r in attach(UP / stem / "services.json").values():
            table.add_row(r.name, r.url, r.version, os.path.relpath(r.log, ROOT))
        console.print(table)
        if not table.row_count:
            console.print("this lab needs no services")
