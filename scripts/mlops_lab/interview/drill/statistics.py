"""`lab drill stats`: figures, each with a bar behind it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from rich.console import Console

from mlops_lab.interview import choice
from mlops_lab.interview.bank import Topic
from mlops_lab.interview.deck import Deck, figures, open_deck

WIDTH = 30  # of a bar, in characters
EIGHTHS = " ▏▎▍▌▋▊▉"


def stats(names: Sequence[str]) -> None:
    """Print streak, retention, what is due and when, and how far each topic is."""
    console = Console(highlight=False)
    topics = choice.topics(names)
    today = datetime.now().astimezone().date()
    with open_deck() as deck:
        deck.adopt(choice.renamed())
        days = figures.streak(deck, today)
        lines = [f"{days} day{'s' * (days != 1)} in a row", "", *_retention(deck, today)]
        lines += ["", *_ahead(deck, topics, today), "", *_overview(deck, topics)]
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _retention(deck: Deck, today: date) -> list[str]:
    weeks = figures.retention(deck, today)
    if not any(week.reviews for week in weeks):
        why = f"no question was asked {figures.MATURE} days after the last time"
        return [f"retention: {why}, in the last {figures.WEEKS} weeks"]
    lines = [f"remembered after {figures.MATURE} days or more, by week"]
    for week in weeks:
        share = week.answered / week.reviews if week.reviews else 0
        figure = f"{share:4.0%} of {week.reviews:<4}" if week.reviews else "   -        "
        lines.append(f"{week.monday:%b %d}  {figure}  {bar(share)}".rstrip())
    return lines


def _ahead(deck: Deck, topics: Sequence[Topic], today: date) -> list[str]:
    entries = [entry for topic in topics for entry in topic.questions]
    days = figures.ahead(deck, entries, today)
    most = max(1, *(count for _, count in days))
    return ["due by day"] + [
        f"{'today ' if day == today else f'{day:%b %d}'}  {count:4}  {bar(count / most)}".rstrip()
        for day, count in days
    ]


def _overview(deck: Deck, topics: Sequence[Topic]) -> list[str]:
    """How much of each topic is due and how much is new."""
    now, width = datetime.now(UTC), max(len(topic.topic) for topic in topics)
    return [
        f"{topic.topic:{width}} {len(deck.due(topic.questions, now)):3} due  "
        f"{len(deck.unseen(topic.questions)):3} new  of {len(topic.questions):3}  {topic.title}"
        for topic in topics
    ]


def bar(share: float) -> str:
    """A bar of block characters; the figure stands before it, for who cannot see it."""
    whole, rest = divmod(round(share * WIDTH * 8), 8)
    return ("█" * whole + EIGHTHS[rest]).rstrip()
