"""Small things about text: near names, ends of logs, sizes and times for people."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names what `name` was probably meant to be; empty if nothing is near."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    near = near or [k for k in known if name and (name in k or k in name)]
    return f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(known)}"


def tail(path: Path, lines: int = 12) -> str:
    """The last lines of a log, indented, with a heading; says so if there is nothing."""
    try:
        text = plain(path.read_text(encoding="utf-8", errors="replace")).rstrip()
    except OSError:
        text = ""
    end = text.splitlines()[-lines:] or ["(empty)"]
    return "\n".join([f"  last lines of {path.name}:", *(f"  | {line}" for line in end)])


def plain(text: str) -> str:
    """`text` without terminal colors."""
    return ANSI.sub("", text)


def mebibytes(size: float) -> str:
    """A memory size for people, such as ``312 MiB``."""
    return f"{size / 2**20:.0f} MiB"


def seconds(value: float) -> str:
    """A duration for people, such as ``7.3 s`` or ``1 min 12 s``."""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {value % 60:.0f} s"
