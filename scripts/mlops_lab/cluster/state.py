"""Where this checkout keeps what it knows of its cluster."""

from pathlib import Path

from mlops_lab.core.paths import STATE

FOLDER = STATE / "cluster"


def kubeconfig() -> Path:
    """The lab's own configuration of kubectl."""
    return FOLDER / "kubeconfig"


def kubectl() -> Path:
    """The lab's own kubectl, where the provider brings one."""
    return FOLDER / "bin" / "kubectl"


def provider_file() -> Path:
    """Names the provider whose cluster this checkout has, from the first change to the last."""
    return FOLDER / "provider"


def lock() -> Path:
    """Held by whoever changes the cluster."""
    return FOLDER.with_suffix(".lock")
