"""The log in a file: as JSON, which the browser's drill writes and reads too, or as CSV."""

import csv
import io
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from mlops_lab.core.errors import LabError, Usage
from mlops_lab.core.files import publish
from mlops_lab.interview.deck import schedule, times
from mlops_lab.interview.deck.cards import Deck, Review
from mlops_lab.interview.deck.transactions import transaction

FORMAT, VERSION = "mlops-interview-lab/drill", 1
# As FSRS' optimizer reads it: https://github.com/open-spaced-repetition/fsrs-optimizer (6.5).
COLUMNS = ("card_id", "review_time", "review_rating", "review_state", "review_duration")


def _sane(at: datetime) -> datetime:
    """The time, if an interval of a hundred years has room behind it."""
    if not 2000 <= at.year < 2100:
        raise ValueError("the time is out of range")
    return times.whole(at.astimezone(UTC))


class Line(BaseModel):
    """A review as the file has it."""

    model_config = ConfigDict(strict=True)

    id: Annotated[str, Field(min_length=1)]
    rating: Annotated[int, Field(ge=1, le=4)]
    at: Annotated[AwareDatetime, Field(strict=False), AfterValidator(_sane)]


def write(deck: Deck, file: Path) -> int:
    """Write the log, in the form of the file's suffix; returns how many reviews it has.

    Raises:
        Usage: there is no form for the suffix.
        LabError: the file cannot be written.
    """
    forms = {".json": _json, ".csv": _csv}
    if file.suffix not in forms:
        raise Usage(f"{file}: its name has to end in {' or '.join(forms)}")
    reviews = deck.reviews()
    try:
        publish(file, forms[file.suffix](reviews))
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}") from error
    return len(reviews)


def _json(reviews: list[Review]) -> str:
    """A review a line, for who looks into it."""
    lines = (json.dumps({"id": r.id, "rating": r.rating, "at": times.text(r.at)}) for r in reviews)
    head = f'"format": "{FORMAT}", "version": {VERSION}, "reviews": ['
    return f"{{{head}\n" + ",\n".join(lines) + "\n]}\n"


def _csv(reviews: list[Review]) -> str:
    states: dict[tuple[str, datetime], int] = {}
    logs: dict[str, list[Review]] = {}
    for one in reviews:
        logs.setdefault(one.id, []).append(one)
    for name, log in logs.items():
        steps = schedule.steps(schedule.scheduler(), ((r.at, r.rating) for r in log))
        states |= {(name, r.at): state for r, (state, _) in zip(log, steps, strict=True)}
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(COLUMNS)
    for r in reviews:
        # Empty where it is not known, as for reviews of a browser.
        row = [r.id, round(r.at.timestamp() * 1000), r.rating, states[r.id, r.at], r.spent]
        table.writerow(row)
    return buffer.getvalue()


def read(file: Path) -> list[Review]:
    """The reviews of a file.

    Raises:
        LabError: it cannot be read, or is not what `write` or the browser's drill has written.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _refused(file, f"this is not JSON ({error})") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _refused(file, f"its format is not {FORMAT}")
    if data.get("version") != VERSION:
        version = json.dumps(data.get("version"))
        raise _refused(file, f"its version is {version}, and this lab reads {VERSION}")
    return [Review(r.id, r.at, r.rating) for r in _lines(file, data)]


def _lines(file: Path, data: Mapping[str, Any]) -> list[Line]:
    try:
        return TypeAdapter(list[Line]).validate_python(data.get("reviews"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join(map(str, ["reviews", *first["loc"]]))
        raise _refused(file, f"{where}: {first['msg']}") from error


def _refused(file: Path, why: str) -> LabError:
    return LabError(f"{file}: {why}; nothing was imported")


def merge(deck: Deck, reviews: list[Review]) -> tuple[int, Path | None]:
    """Add what the log lacks; returns how much that was, and a copy of the file as it was.

    The schedule of each card that is touched is made anew of its whole log, in time order.
    """
    with transaction(deck.db):
        lacking = deck.lacking(reviews)
        backup = _backup(deck.path) if lacking else None
        deck.add(lacking)
    return len(lacking), backup


def _backup(path: Path) -> Path:
    """A copy beside, made while nobody else may write."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    names = (path.with_name(f"{path.stem}.before-import-{today}.{n}.sqlite") for n in count(1))
    backup = next(name for name in names if not name.exists())
    # A connection of its own: what has begun to write cannot be copied from.
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    return backup
