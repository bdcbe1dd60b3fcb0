"""What you know and when it is due: FSRS cards in one SQLite file in your data folder."""

from mlops_lab.interview.deck.cards import Deck
from mlops_lab.interview.deck.store import default_path, open_deck

__all__ = ["Deck", "default_path", "open_deck"]
