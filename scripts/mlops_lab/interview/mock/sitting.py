"""An interview that is going on, or is over: one JSON file, written after each answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from mlops_lab.core.errors import Busy, LabError
from mlops_lab.core.files import publish
from mlops_lab.core.locks import take
from mlops_lab.core.schema import Strict
from mlops_lab.interview import Level
from mlops_lab.interview.deck import default_path

GOOD = 0.6  # share of the points from which on an answer is good, and is followed by the harder one
POINTS = 0.7  # what the points count; the rest is the follow-up


class Answer(Strict):
    """How a question was answered: which points were said, the follow-up, and how many questions
    of its chain. Those do not count, since a chain goes on until an answer is not good."""

    id: str
    part: str
    seconds: float
    said: list[int]
    points: int
    follow_up: int
    followed: bool
    deep: int = 0

    @property
    def score(self) -> float:
        """From 0 to 1."""
        return POINTS * len(self.said) / self.points + (1 - POINTS) * self.followed


class Sitting(Strict):
    """One interview. `open` are the questions that are still to come: part and id."""

    begun: str
    level: Level
    role: str
    minutes: int
    seconds: float = 0
    open: list[tuple[str, str]] = Field(default_factory=list)
    answers: list[Answer] = Field(default_factory=list)

    @property
    def score(self) -> float:
        """The mean of the answers, from 0 to 1."""
        return sum(answer.score for answer in self.answers) / max(1, len(self.answers))


def folder() -> Path:
    """Where interviews are kept, beside the drill's file."""
    return default_path().parent / "mocks"


def current() -> Path:
    """The file of the interview that is going on."""
    return folder() / "current.json"


def lock() -> Path:
    """The file that only one interview at a time may hold."""
    return default_path().parent / "mock.lock"


@contextmanager
def alone() -> Iterator[None]:
    """Hold that file for the body.

    Raises:
        Busy: an interview goes on in another terminal, and would be written over.
        LabError: there is no place for it.
    """
    with _placed(lock()):
        held = take(lock())
    if held is None:
        raise Busy("an interview is going on in another terminal; end or pause that one first")
    with held:
        yield


def read(path: Path) -> Sitting:
    """An interview from its file.

    Raises:
        LabError: it is damaged, or of a newer version; it stays as it is.
    """
    try:
        return Sitting.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: this is no interview that can be read; move it away") from error


def write(path: Path, sitting: Sitting) -> None:
    """Write it whole or not at all.

    Raises:
        LabError: there is no place for it.
    """
    with _placed(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        publish(path, sitting.model_dump_json(indent=2) + "\n")


@contextmanager
def _placed(path: Path) -> Iterator[None]:
    """Say of a file that cannot be written where else it could be."""
    try:
        yield
    except OSError as error:
        place = f"{path}: {error.strerror}"
        raise LabError(f"{place}; LAB_DATA=FOLDER names another place") from error


def finish(sitting: Sitting) -> Path:
    """Keep it among those that are over; returns its file."""
    path = folder() / f"{sitting.begun.replace(':', '')}.json"
    write(path, sitting)
    current().unlink(missing_ok=True)
    return path


def history() -> Iterator[Sitting]:
    """Those that are over, the oldest first."""
    for path in sorted(folder().glob("2*.json")):
        yield read(path)
