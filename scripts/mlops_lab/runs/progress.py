"""What a person sees while labs run: a live table on a terminal, plain lines elsewhere."""

import math
import os
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

from mlops_lab.core.text import seconds
from mlops_lab.core.waiting import until
from mlops_lab.runs.job import Job
from mlops_lab.runs.scheduler import Run


def watcher(console: Console) -> Callable[[Run], None]:
    """The watcher that suits the output: live on a terminal, plain otherwise or when CI=true."""
    live = console.is_terminal and os.environ.get("CI") != "true"
    return (lambda run: _live(run, console)) if live else _lines


def _live(run: Run, console: Console) -> None:
    spinner = Spinner("dots")
    with Live(console=console, get_renderable=lambda: _table(run, spinner), transient=True):
        until("the labs", lambda: all(job.ended for job in run.jobs), limit=math.inf)


def _table(run: Run, spinner: Spinner) -> Table:
    table = Table.grid(padding=(0, 2))
    for stem, why in run.lacking.items():
        table.add_row("-", stem, "skipped", why.partition("\n")[0])
    for job in run.jobs:
        mark: str | Spinner = " "
        if job.ended:
            mark = "✓" if job.result.status == "passed" else "✗"
        elif job.started:
            mark = spinner
        time_ = seconds(job.seconds) if job.started else "waiting"
        table.add_row(mark, job.spec.stem, time_, "" if job.ended else job.heading)
    return table


def _lines(run: Run) -> None:
    shown: dict[str, str] = {}
    for stem, why in run.lacking.items():
        print(f"{stem:20} {'':>8}  skipped: {why.partition(chr(10))[0]}", file=sys.stderr)
    until("the labs", lambda: _told(run.jobs, shown), limit=math.inf)


def _told(jobs: Sequence[Job], shown: dict[str, str]) -> bool:
    """Print what is not shown yet; True if all had ended, so that it is all there is to tell."""
    ended = all(job.ended for job in jobs)
    for job in jobs:
        stem, now = job.spec.stem, job.result.status if job.ended else job.heading
        if job.started and now and shown.get(stem) != now:
            shown[stem] = now
            print(f"{stem:20} {seconds(job.seconds):>8}  {now}", file=sys.stderr)
    return ended
