"""Files that others may read, and write, while they are written."""

import os
import threading
from pathlib import Path


def publish(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or none; of two that write, one is the last."""
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
