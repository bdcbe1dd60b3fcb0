"""What the image lab asks a registry, over the distribution API and nothing else.

The API: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from mlops_lab.core.waiting import LIMIT

_http = httpx.Client(timeout=LIMIT)
_ACCEPT = {
    "Accept": "application/vnd.oci.image.manifest.v1+json,"
    " application/vnd.docker.distribution.manifest.v2+json"
}


@dataclass(frozen=True)
class Image:
    """An image as the registry holds it; sizes are in bytes, as they are pulled."""

    digest: str
    layers: list[tuple[str, int]]
    config: dict[str, Any]

    @property
    def size(self) -> int:
        """The sum of the layers."""
        return sum(size for _, size in self.layers)


def image(registry: str, name: str, reference: str) -> Image:
    """The image `name` under a tag or a digest, as the registry at that host and port has it.

    Each layer comes with the command that made it; those that made none are left out.
    """
    api = f"http://{registry}/v2/{name}"
    answer = _http.get(f"{api}/manifests/{reference}", headers=_ACCEPT).raise_for_status()
    manifest = answer.json()
    config = _http.get(f"{api}/blobs/{manifest['config']['digest']}").raise_for_status().json()
    made = [step["created_by"] for step in config["history"] if not step.get("empty_layer")]
    sizes = [layer["size"] for layer in manifest["layers"]]
    layers = [(_short(command), size) for command, size in zip(made, sizes, strict=True)]
    return Image(answer.headers["docker-content-digest"], layers, config["config"])


def _short(command: str) -> str:
    """The command of a layer, without the shell around it and what the builder adds."""
    words = command.replace("/bin/sh -c", "").replace("#(nop)", "").split()
    # buildah names what was copied by a hash of it, of which nobody learns anything.
    return re.sub(r"\b(dir|file|multi):[0-9a-f]{64}", r"\1", " ".join(words))[:60]
