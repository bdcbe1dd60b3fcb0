"""What `lab run` and `lab record` do around the running itself: the lock, what to skip, the
finished copies, the book, the report.

What is only needed when the labs have ended is imported then: it would delay their first cell.
"""

import functools
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from rich.console import Console

from mlops_lab import STARTED
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import held
from mlops_lab.core.paths import EXECUTED, REPORT, ROOT, STATE
from mlops_lab.core.terminal import unbroken
from mlops_lab.lab import catalog
from mlops_lab.lab.building import building
from mlops_lab.lab.catalog import Spec
from mlops_lab.lab.entry import waiting
from mlops_lab.runs import report
from mlops_lab.runs.job import Job, Result
from mlops_lab.runs.progress import watcher
from mlops_lab.runs.scheduler import Run, run_labs
from mlops_lab.toolchain import npm

LOCK = STATE / "run.lock"


def run_and_report(
    specs: Sequence[Spec],
    workers: int,
    *,
    changed: bool = False,
    book: bool = True,
    strict: bool = False,
) -> int:
    """Run the labs, build the book, print the report; the status is 1 if a lab failed.

    A lab whose programs cannot be had is skipped; if `strict`, the status is 1 then, too.

    Raises:
        Busy: another `lab run` is under way in this checkout.
    """
    began, console = time.monotonic(), Console()
    with held(LOCK, "lab run"):
        if book:
            with suppress(LabError):  # the page says so
                npm.package("ts-fsrs")  # for the drill's page, while the network can be reached
        todo = _changed(specs) if changed else list(specs)
        results, about = _run(todo, workers, console)
        skipped = [Result(s.stem, "skipped") for s in specs if s not in todo]
        results = sorted([*results, *skipped], key=lambda r: [s.stem for s in specs].index(r.lab))
        report.write(results, time.monotonic() - began, about)
        if book:
            from mlops_lab.book.build import build

            build()
        took = time.monotonic() - began
        report.write(results, took, about)
        report.show(unbroken(), results, took)
        console.print(f"report: {REPORT.relative_to(ROOT)}")
        if book:
            console.print("book:   ./lab book --serve, or open build/book/_build/html/index.html")
    return _status(results, strict)


def record(specs: Sequence[Spec], workers: int, *, strict: bool = False) -> int:
    """Run the labs and write the passed ones into notebooks/; the status is 1 if one failed."""
    from mlops_lab.book import readme

    console = Console()
    with held(LOCK, "lab run"):
        results, _ = _run(specs, workers, console)
        for spec, result in zip(specs, results, strict=True):
            if result.status == "passed":
                console.print(f"{_write(spec)} {spec.path.relative_to(ROOT)}")
            elif result.reason:
                console.print(f"skipped {spec.stem}: {result.reason}", soft_wrap=True)
    readme.update(catalog.select(None))
    return _status(results, strict)


def _write(spec: Spec) -> str:
    """Write what the run made of a lab into notebooks/, and say so in a word."""
    from mlops_lab.book import notebooks

    new, old = notebooks.read(EXECUTED / spec.path.name), notebooks.read(spec.path)
    if notebooks.unchanged(new, old):
        return "unchanged"
    notebooks.check_recording(new, spec.stem)
    notebooks.write(spec.path, new)
    return "recorded"


def fill(specs: Sequence[Spec]) -> int:
    """Rewrite only the cells that the engine owns, from the bank and the recorded stamps."""
    from mlops_lab.book import diagrams, notebooks, readme

    diagrams.fill()
    for spec in specs:
        notebook = notebooks.read(spec.path)
        notebooks.fill(notebook, spec.stem, spec.stamp)
        notebooks.write(spec.path, notebook)
    readme.update(catalog.select(None))
    return 0


def _run(
    specs: Sequence[Spec], workers: int, console: Console
) -> tuple[list[Result], dict[str, Any]]:
    """Run the labs, and return the results in the order of `specs`, and what else the report has
    to say about the run. Labs whose programs must be built come last, and are not waited for.
    """
    last = waiting(specs)
    first = [spec for spec in specs if spec not in last]
    if not first or not last:
        results, about = _run_all(specs, workers, console, {})
    else:
        say = functools.partial(console.print, soft_wrap=True, highlight=False, markup=False)
        with building(last, say) as built:
            results, about = _run_all(first, workers, console, {})
            say(f"{', '.join(spec.number for spec in last)}: waiting for what is being built")
            lacking = built()
        more, of_last = _run_all(last, workers, console, lacking)
        results = {**results, **more}
        about = {**of_last, **about, **_joined(about, of_last)}
    return [results[spec.stem] for spec in specs], about


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The services that did not start, of both."""
    services = [*one.get("services", []), *other.get("services", [])]
    return {"services": services} if services else {}


def _run_all(
    specs: Sequence[Spec], workers: int, console: Console, lacking: dict[str, str]
) -> tuple[dict[str, Result], dict[str, Any]]:
    """Run the labs and bring the executed copies of those that passed into normal form; those
    that lack something are skipped.
    """
    if not specs:
        return {}, {}
    from mlops_lab.runs import changes, executions

    for spec in specs:
        executions.forget(spec)
    watch, before = watcher(console), dict[str, str]()

    def look(run: Run) -> None:
        # Beside the kernels that start now: nobody waits for it.
        before.update(changes.of_labs(specs))
        watch(run)

    with run_labs(specs, workers, look, lacking) as run:
        for job in run.jobs:
            passed = job.result.status == "passed"
            if passed:
                executions.keep(job.spec, EXECUTED / job.spec.path.name, before[job.spec.stem])
                _finish(job)
            changes.note(job.spec.stem, before[job.spec.stem] if passed else None)
        report.show_failures(console, run)
        results = {job.spec.stem: job.result for job in run.jobs}
        results |= {s: Result(s, "skipped", reason=why) for s, why in run.lacking.items()}
        troubles = [asdict(trouble) for trouble in run.troubles()]
        about = {**_until_first(run.jobs), **({"services": troubles} if troubles else {})}
        return results, about


def _changed(specs: Sequence[Spec]) -> list[Spec]:
    from mlops_lab.runs import changes

    now = changes.of_labs(specs)
    return [spec for spec in specs if changes.since_passed(spec.stem, now[spec.stem])]


def _until_first(jobs: Sequence[Job]) -> dict[str, float]:
    """Seconds from this process's start until the first kernel was started, and until it was
    ready for its first cell. The first is the engine's own work; the kernel's is in the second.
    """
    began = {
        "kernel": [job.kernel_started for job in jobs if job.kernel_started],
        "cell": [job.first_cell for job in jobs if job.first_cell],
    }
    return {
        f"seconds_before_first_{what}": round(min(times) - STARTED, 2)
        for what, times in began.items()
        if times
    }


def _finish(job: Job) -> None:
    from mlops_lab.book import notebooks

    path, result = EXECUTED / job.spec.path.name, job.result
    stamp: dict[str, Any] = {
        **report.stamp(),
        **_cluster_stamp(job),
        "seconds": round(result.seconds, 1),
        "seconds_outside_cells": round(result.seconds_outside_cells, 1),
        "peak_memory_bytes": result.peak_memory_bytes,
    }
    try:
        notebooks.write(path, notebooks.normalize(notebooks.read(path), job.spec, stamp))
    except LabError as error:
        job.fails(str(error))


def _cluster_stamp(job: Job) -> dict[str, Any]:
    """The stamp of the cluster cells: of this run, or the recorded one if they did not run."""
    if not job.spec.cluster:
        return {}
    if not job.cluster:
        return {"cluster": job.spec.stamp.get("cluster", {})}
    from mlops_lab.cluster import access

    used = access.stamp(job.spec.images)
    return {"profile": used["provider"], "cluster": used}


def _status(results: Sequence[Result], strict: bool) -> int:
    return int(any(r.status == "failed" or (strict and r.reason) for r in results))
