"""Where this checkout keeps what it knows of its cluster."""

import json
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


def versions_file() -> Path:
    """Names what the cluster is made of, once it is complete."""
    return FOLDER / "versions.json"


def versions() -> dict[str, str]:
    """The version of each component that the cluster has; pins may have moved since it came up."""
    try:
        found: dict[str, str] = json.loads(versions_file().read_text(encoding="utf-8"))
        return found
    except OSError:
        return {}


def lock() -> Path:
    """Held by whoever changes the cluster."""
    return FOLDER.with_suffix(".lock")
