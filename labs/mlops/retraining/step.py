"""What the steps of a retraining share: exit statuses, settings, and tables for people."""

import functools
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

SETTINGS = Path("retraining.yaml")
NEW = Path("data/new.csv")
WIDEST = 76


class Stop(Exception):
    """Ends a step with a message for people."""

    status = 2
    word = "stopped"


class Refused(Stop):
    """A gate said no."""

    status = 1
    word = "refused"


class Lost(Refused):
    """The challenger is not better: an outcome. No crash has this status."""

    status = 3


class Unusable(Stop):
    """The input, or a service that the step needs, cannot be used."""

    word = "unusable"


def finish(work: Callable[..., None]) -> Callable[..., int]:
    """Let a step return its exit status; what ends it with words of its own is unusable."""

    @functools.wraps(work)
    def status(*args: Any) -> int:
        try:
            work(*args)
        except (Stop, SystemExit) as ended:
            stop = ended if isinstance(ended, Stop) else Unusable(str(ended))
            sys.stdout.flush()
            print(f"{stop.word}: {printable(str(stop))}", file=sys.stderr)
            return stop.status
        return 0

    return status


def settings(path: Path = SETTINGS) -> dict[str, Any]:
    """Read the limits."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def there(path: Path, made_by: str) -> Path:
    """Return the path of what an earlier step wrote."""
    if not path.exists():
        raise Unusable(f"{path} is not there: run python -m retraining.{made_by} first")
    return path


def read_json(path: Path, made_by: str) -> dict[str, Any]:
    """Read what an earlier step wrote."""
    return json.loads(there(path, made_by).read_text(encoding="utf-8"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out rows for people."""
    cells = [[shortened(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def shortened(text: str) -> str:
    """Return the text on one line that is not too long."""
    text = printable(text)
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def printable(text: str) -> str:
    """Replace what is not printable: a line break in data could forge a command to the runner."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
