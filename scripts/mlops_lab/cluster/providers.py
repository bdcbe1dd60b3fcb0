"""Which providers of clusters there are, and which one is up."""

from collections.abc import Sequence

from mlops_lab.cluster import state
from mlops_lab.cluster.eks import Eks
from mlops_lab.cluster.host.host import Host
from mlops_lab.cluster.interface import Provider
from mlops_lab.cluster.kind import Kind
from mlops_lab.core.errors import Usage
from mlops_lab.core.text import nearest


def providers() -> dict[str, Provider]:
    """All providers, the one to prefer first."""
    every: Sequence[Provider] = (Kind(), Host(), Eks())
    return {provider.name: provider for provider in every}


def named(name: str) -> Provider:
    """The provider of this name.

    Raises:
        Usage: there is none; the nearest names are in the message.
    """
    known = providers()
    if name not in known:
        raise Usage(f"no such provider: {name}{nearest(name, known)}")
    return known[name]


def current() -> Provider | None:
    """The provider whose cluster this checkout has, complete or not."""
    try:
        return named(state.provider_file().read_text(encoding="utf-8").strip())
    except (OSError, Usage):
        return None
