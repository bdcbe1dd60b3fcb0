"""What a mock interview asks: its parts in their order, and questions for each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from mlops_lab.interview import Level, choice, parsed
from mlops_lab.interview.bank import Entry
from mlops_lab.interview.choice import LEVELS

QUESTION = 4  # minutes that a question takes, with what is asked behind it


@dataclass(frozen=True)
class Part:
    """A part of the interview: its share of the time, and where its questions come from.

    Without topics they are those of the role. `easier` is by how many levels it is below the
    candidate's.
    """

    name: str
    share: float
    topics: tuple[str, ...] = ()
    easier: int = 0


PARTS = (
    Part("warm-up", 0.1, easier=1),
    Part("depth", 0.4),
    Part("design", 0.25, ("system-design",)),
    Part("incident", 0.15, ("alerting", "logs-and-traces", "operator", "platform-alerts")),
    Part("people", 0.1, ("on-call",)),
)
# The topics that a role is asked about in depth; those of PARTS are asked of everyone.
ROLES = {
    "mlops": (
        "ci", "drift", "dvc", "gitops", "images", "kserve", "mlflow", "retraining", "serving",
    ),
    "platform": (
        "ci", "foundations", "gitops", "images", "kserve", "prometheus", "supply-chain",
        "terraform-helm",
    ),
    "ml": ("drift", "dvc", "kserve", "llm-serving", "mlflow", "pipelines", "retraining"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question in its place."""

    part: str
    entry: Entry


def plan(
    level: Level, role: str, minutes: int, *, before: Collection[str] = (), seed: int | None = None
) -> list[Asked]:
    """The questions of an interview, in order; as few as possible of those asked `before`."""
    random, chosen = Random(seed), list[Asked]()
    for part in PARTS:
        pool = [entry for entry in _pool(part, role) if entry not in [a.entry for a in chosen]]
        random.shuffle(pool)
        pool.sort(key=lambda entry: _distance(entry, level, part))
        count = max(1, round(part.share * minutes / QUESTION))
        chosen += [Asked(part.name, entry) for entry in _spread(pool, count, before)]
    return chosen


def _pool(part: Part, role: str) -> list[Entry]:
    wanted = part.topics or ROLES[role]
    return [
        entry for topic in parsed.topics() if topic.topic in wanted for entry in topic.questions
    ]


def _distance(entry: Entry, level: Level, part: Part) -> int:
    """By how many levels a question is off."""
    wanted = max(0, LEVELS.index(level) - part.easier)
    return abs(LEVELS.index(entry.level) - wanted)


def _spread(pool: Sequence[Entry], count: int, before: Collection[str]) -> list[Entry]:
    """The first ones, of as many topics as there are; what was asked before comes last."""
    owner = choice.owners()
    found: list[Entry] = []
    left = list(pool)
    while left and len(found) < count:
        used = [owner[entry.id] for entry in found]
        best = min(left, key=lambda one: (one.id in before, used.count(owner[one.id])))
        left.remove(best)
        found.append(best)
    return found
