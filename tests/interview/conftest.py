"""What the tests of the drill share: a deck of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_lab.interview.deck import Deck, open_deck


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with open_deck(tmp_path / "drill.sqlite") as deck:
        yield deck
