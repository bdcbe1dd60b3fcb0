"""How a reader stands in each topic, by the drill's log and by the mock interviews."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from statistics import mean

from fsrs import Rating

from mlops_lab.interview import choice
from mlops_lab.interview.bank import Topic
from mlops_lab.interview.deck import default_path, open_deck, schedule
from mlops_lab.interview.deck.cards import Review
from mlops_lab.interview.mock import sitting

STEADY = 7  # days of FSRS' stability from which on a question counts as known


@dataclass(frozen=True)
class Standing:
    """Of a topic's questions, how many were seen and how many of those are shaky; the mean score
    in mock interviews, from 0 to 1, if it was asked in one.
    """

    questions: int
    seen: int = 0
    shaky: int = 0
    score: float | None = None

    @property
    def open(self) -> int:
        """Questions that are still to be learned."""
        return self.questions - self.seen + self.shaky

    @property
    def weight(self) -> float:
        """How much more of a day's questions it deserves than a topic that goes well: 1 to 3."""
        missed = 0 if self.score is None else 1 - self.score
        return 1 + self.shaky / max(1, self.seen) + missed


def fresh(topics: Iterable[Topic]) -> dict[str, Standing]:
    """The standings of somebody who has seen nothing, in the order of the topics."""
    return {topic.topic: Standing(len(topic.questions)) for topic in topics}


def standings(
    topics: Iterable[Topic], levels: Collection[str] = choice.LEVELS
) -> dict[str, Standing]:
    """The reader's standings, in the order of the topics; only questions of these levels count."""
    logs, scores = _logs(), _scores()
    found = {}
    for topic in topics:
        ids = _ids(topic, levels)
        seen = [logs[name] for name in ids if name in logs]
        answered = [score for name in ids for score in scores.get(name, ())]
        score = mean(answered) if answered else None
        found[topic.topic] = Standing(len(ids), len(seen), sum(map(_is_shaky, seen)), score)
    return found


def _ids(topic: Topic, levels: Collection[str]) -> list[str]:
    return [entry.id for entry in topic.questions if entry.level in levels]


def _logs() -> dict[str, list[Review]]:
    """The reviews of each question by its id of today; asking for them makes no file."""
    found: dict[str, list[Review]] = defaultdict(list)
    if default_path().exists():
        names = choice.renamed()
        with open_deck() as deck:
            for review in deck.reviews():
                found[names.get(review.id, review.id)].append(review)
    return found


def _is_shaky(log: list[Review]) -> bool:
    """Whether it was ever answered with gaps or not at all, and has not become steady since."""
    card = schedule.replay(schedule.scheduler(), ((one.at, one.rating) for one in log))
    steady = card is not None and (card.stability or 0) >= STEADY
    return not steady and any(one.rating < Rating.Good for one in log)


def _scores() -> dict[str, list[float]]:
    """The scores of each question in the interviews that are over."""
    found: dict[str, list[float]] = defaultdict(list)
    names = choice.renamed()
    for one in sitting.history():
        for answer in one.answers:
            found[names.get(answer.id, answer.id)].append(answer.score)
    return found
