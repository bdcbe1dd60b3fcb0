"""Write the image's digest into the configuration repository, and publish it."""

import re
import sys
from pathlib import Path

from delivery.repository import clone, publish
from delivery.shell import call, need, output

DIGEST = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
OVERLAY = Path("overlays/dev")


def write(folder: Path, image: str) -> None:
    """Let kustomize edit the one image that is ours, in the overlay.

    An image by tag is refused: what it means may change after it was tested.
    """
    if not DIGEST.fullmatch(image):
        raise SystemExit(f"{image!r} is no reference by digest (name@sha256:...)")
    call("kustomize", "edit", "set", "image", f"churn={image}", folder=folder / OVERLAY)


def main(folder: Path = Path(".config")) -> None:
    """`clone` and edit, or `publish` what was edited."""
    match sys.argv[1]:
        case "write":
            clone(need("CONFIG_REPOSITORY"), folder)
            write(folder, need("IMAGE"))
            print(call("git", "-C", folder, "diff", "--unified=0"))
        case "publish":
            message = f"dev: churn from {need('REVISION')[:12]}"
            output(commit=publish(folder, message, [str(OVERLAY)]))
        case other:
            raise SystemExit(f"write or publish, not {other}")


if __name__ == "__main__":
    main()
