"""`lab drill import`: what comes in, under the ids that questions have now."""

import shlex
from dataclasses import replace
from pathlib import Path

from mlops_lab.interview import choice
from mlops_lab.interview.deck import exchange, open_deck


def bring(file: Path) -> str:
    """Merge a file's reviews into the deck; returns what there is to say of it."""
    reviews, names = exchange.read(file), choice.renamed()
    with open_deck() as deck:
        deck.adopt(names)
        added, backup = exchange.merge(
            deck, [replace(one, id=names.get(one.id, one.id)) for one in reviews]
        )
        known = f"{len(reviews)} reviews in {file}, {added} of them new"
        if backup is None:
            return known
        back = shlex.join(["mv", str(backup), str(deck.path)])
        return f"{known}\nas it was before: {backup}; to go back: {back}"
