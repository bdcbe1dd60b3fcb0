"""Tag the version with the image that serves it, so that lineage can begin at the cluster."""

import re
import sys

from delivery.shell import need

from retraining.model_registry import Registry
from retraining.step import Unusable, finish

DIGEST = re.compile(r"@(sha256:[0-9a-f]{64})$")


@finish
def main() -> None:
    """Tag version VERSION with the digest of IMAGE."""
    image, version = need("IMAGE"), need("VERSION")
    if not (digest := DIGEST.search(image)):
        raise Unusable(f"{image} is no reference by digest (name@sha256:...)")
    Registry().tag(version, "image_digest", digest[1])
    print(f"version {version} is served by {digest[1]}")


if __name__ == "__main__":
    sys.exit(main())
