"""`lab cluster up`, `down` and `status`, for any provider."""

import json
import shutil
import time

from rich.table import Table

from mlops_lab.cluster import phases, platform, state
from mlops_lab.cluster.interface import Provider
from mlops_lab.cluster.providers import current, named, providers
from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.core.locks import held
from mlops_lab.core.terminal import unbroken
from mlops_lab.core.text import seconds
from mlops_lab.toolchain.versions import component


def choose(name: str | None) -> Provider:
    """The named provider, else the one that is up, else the first that this machine can run.

    Raises:
        LabError: another one is up, or none can work here; each one's reasons are in the message.
    """
    running = current()
    if running and name in (None, running.name):
        return running
    if running:
        raise LabError(f"a {running.name} cluster is up; first ./lab cluster down")
    candidates = [named(name)] if name else list(providers().values())
    reasons = []
    for provider in candidates:
        problems = provider.problems()
        if not problems:
            return provider
        reasons += [f"  {provider.name}: {p.what}; {p.mend}" for p in problems]
    raise LabError("\n".join(["no cluster can run here, and nothing has been changed", *reasons]))


def up(name: str | None) -> None:
    """Bring the cluster and the platform up, or what of them is missing.

    Raises:
        LabError: a phase failed; which, and the end of its log, is in the message.
        Busy: another `lab cluster` command is under way in this checkout.
    """
    console, began = unbroken(), time.monotonic()
    with held(state.lock(), "lab cluster"):
        provider = choose(name)
        state.FOLDER.mkdir(parents=True, exist_ok=True)
        publish(state.provider_file(), provider.name)
        console.print(f"cluster on {provider.name}: {provider.about}")
        ended: list[phases.Outcome] = []

        def end(outcome: phases.Outcome) -> None:
            ended.append(outcome)
            if outcome.seconds is not None:
                took, now = seconds(outcome.seconds), seconds(time.monotonic() - began)
                console.print(f"  {now:>12}  {outcome.phase.title} [dim]({took})[/]")

        everything = provider.phases()
        everything += platform.phases(provider.kubectl, provider.name, provider.complete)
        try:
            phases.run(everything, lambda phase: None, end)
        except LabError as error:
            hint = "./lab cluster up tries again, ./lab cluster down removes it all"
            raise LabError(f"{error}\n{hint}") from error
        publish(state.versions_file(), json.dumps(_made_of(provider), indent=1))
    if all(outcome.seconds is None for outcome in ended):
        console.print("it is up already; nothing to do")
    else:
        console.print(f"ready in {seconds(time.monotonic() - began)}; ./lab cluster status")


def _made_of(provider: Provider) -> dict[str, str]:
    """The version of each component: of the platform as pinned now, since `up` renews it, and of
    the node as pinned when it began.
    """
    node = {name: component(name).version for name in ("kubernetes", "coredns")}
    if not provider.offline:
        del node["coredns"]  # it brings its own
    first = state.versions()
    return platform.images() | {name: first.get(name, pinned) for name, pinned in node.items()}


def down() -> None:
    """Remove the cluster; says so if there is none.

    Raises:
        Busy: another `lab cluster` command is under way in this checkout.
    """
    console, began = unbroken(), time.monotonic()
    with held(state.lock(), "lab cluster"):
        provider = current()
        if provider is None:
            console.print("no cluster is up")
            return
        provider.down()
        shutil.rmtree(state.FOLDER, ignore_errors=True)
    console.print(f"{provider.name} cluster removed in {seconds(time.monotonic() - began)}")


def is_up() -> bool:
    """Whether this checkout has a cluster whose API server answers."""
    provider = current()
    return provider is not None and provider.kubectl.reads("/readyz")


def death() -> str:
    """A sentence about what of the cluster has died or is ending pods; empty if all is well."""
    provider = current()
    if not provider:
        return ""
    if dead := provider.dead():
        return f"the cluster's {', '.join(dead)} died; ./lab cluster up repairs it"
    if provider.kubectl.reads("/readyz") and (pressures := _pressures(provider)):
        mend = "make room: in 5 minutes the kubelet notices, then ./lab cluster up"
        return f"the cluster's node has {', '.join(pressures)} and evicts pods; {mend}"
    return ""


def _pressures(provider: Provider) -> list[str]:
    """What the kubelet lacks, and ends pods for: DiskPressure, MemoryPressure, PIDPressure."""
    path = '{.items[*].status.conditions[?(@.status=="True")].type}'
    conditions = provider.kubectl("get", "nodes", "-o", f"jsonpath={path}").split()
    return [name for name in conditions if name.endswith("Pressure")]


def status() -> int:
    """Print what is up; the status is 1 if the cluster is not whole."""
    console, provider = unbroken(), current()
    if provider is None:
        console.print("no cluster is up; ./lab cluster up brings one up")
        return 1
    table = Table(box=None, pad_edge=False)
    for column in ("component", "state"):
        table.add_column(column)
    answers, dead, whole = provider.kubectl.reads("/readyz"), provider.dead(), True
    table.add_row(
        f"{provider.name} cluster", "up" if answers else "[red]its API does not answer[/]"
    )
    for name in dead:
        table.add_row(name, "[red]died[/]")
    pressures = _pressures(provider) if answers else []
    for name in pressures:
        table.add_row("node", f"[red]{name}, evicts pods[/]")
    for part in platform.parts() if answers else []:
        good = platform.done(provider.kubectl, provider.name, part)
        whole = whole and good
        table.add_row(part.name, "up" if good else "[red]not rolled out[/]")
    console.print(table)
    console.print(f"kubectl --kubeconfig {provider.kubectl.config}")
    healthy = answers and whole and not dead and not pressures
    if not healthy:
        console.print("./lab cluster up repairs it, ./lab cluster down removes it")
    return int(not healthy)
