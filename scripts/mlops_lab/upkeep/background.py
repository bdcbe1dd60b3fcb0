"""`lab up`, `down` and `status`: a lab's services kept by a process in the background."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from rich.table import Table

from mlops_lab.core.errors import Interrupted, LabError
from mlops_lab.core.files import publish
from mlops_lab.core.locks import held, is_held, wait_for
from mlops_lab.core.paths import LOGS, ROOT, UP
from mlops_lab.core.terminal import unbroken
from mlops_lab.core.waiting import until
from mlops_lab.lab import catalog
from mlops_lab.lab.entry import enter, obtain
from mlops_lab.services.definitions import resolve
from mlops_lab.services.running import attach, write
from mlops_lab.services.supervisor import Supervisor

PAGE = "page"  # the file that has a lab's page's address; beside the listing


def up(spec: catalog.Spec, *, page: bool = False) -> None:
    """Return once the lab's services work; with `page`, what its cells start for its page as well.

    Raises:
        LabError: one did not start, twice.
    """
    lock, log = UP / f"{spec.stem}.lock", LOGS / f"up.{spec.stem}.log"
    listing = UP / spec.stem / "services.json"
    # Here, since the notebook that needs them comes next; its services do not.
    lacking = obtain([spec])
    for why in lacking.values():
        print(f"lab: {spec.stem} will not run to its end: {why}", file=sys.stderr)
    keeper = None
    if not is_held(lock):
        LOGS.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            keeper = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-c",
                    "from mlops_lab.upkeep.background import keep; keep()",
                    spec.stem,
                    *([PAGE] if page and spec.page and not lacking else []),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    what = f"the process that keeps the services of {spec.stem}"
    try:
        alive = lambda: keeper.poll() is None if keeper else is_held(lock)  # noqa: E731
        until(what, lambda: is_held(lock) and listing.exists(), log, alive)
        for running in attach(listing).values():
            running.wait()
    except (LabError, Interrupted):
        if keeper:  # what was up before goes on
            keeper.terminate()
            keeper.wait()
        raise


def keep() -> None:
    """The background process's whole life: start, wait for SIGTERM, stop.

    If the lab has a page and it is asked for, what is up is what its cells started.
    """
    stem, *page = sys.argv[1:]
    (spec,) = catalog.select([stem])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    enter(())
    folder = UP / spec.stem
    listing = folder / "services.json"
    folder.mkdir(parents=True, exist_ok=True)
    with held(UP / f"{spec.stem}.lock", f"lab up {spec.stem}"):
        (folder / PAGE).unlink(missing_ok=True)
        listing.unlink(missing_ok=True)
        supervisor = Supervisor(folder, f"up.{spec.stem}")
        try:
            if page:
                from mlops_lab.upkeep.live import play

                running, url = play(spec)
                publish(folder / PAGE, url)  # before the listing, which says that all is there
                write(listing, running)
            else:
                supervisor.start(resolve(spec.services))
                write(listing, supervisor.running.values())
            while True:
                time.sleep(1)  # not signal.pause: what comes just before it would be lost
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
    wait_for(lock)
    return True


def alive() -> list[str]:
    """The labs whose services are up."""
    return sorted(path.stem for path in UP.glob("*.lock") if is_held(path))


def show(stems: Sequence[str]) -> None:
    """Print the services of these labs."""
    console = unbroken()
    if not stems:
        console.print("nothing is up; ./lab up LAB starts a lab's services")
    for stem in stems:
        try:
            services = attach(UP / stem / "services.json")
        except FileNotFoundError:
            console.print(f"{stem}: on its way up or down")
            continue
        table = Table(box=None, title=stem, title_justify="left", pad_edge=False)
        for column in ("service", "URL", "version", "log"):
            table.add_column(column)
        for r in services.values():
            table.add_row(r.name, r.url, r.version, os.path.relpath(r.log, ROOT))
        console.print(table)
        if not table.row_count:
            console.print("this lab needs no services")
        if (page := UP / stem / PAGE).exists():
            console.print(f"open {page.read_text(encoding='utf-8')}", markup=False)
