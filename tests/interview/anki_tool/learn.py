"""What somebody does with two decks, in Anki's own library: import one, learn, import the other.

Usage: learn.py FOLDER FIRST SECOND LESSON. LESSON is JSON: for the first cards in their order, the
ratings to give them. Prints JSON: what the collection has after each step, and a card as it is
shown.
"""

import json
import sys

from anki.collection import Collection, ImportAnkiPackageRequest
from anki.scheduler.v3 import CardAnswer


def main() -> None:
    folder, first, second, lesson = sys.argv[1:]
    collection = Collection(f"{folder}/collection.anki2")
    told = {"first": taken(collection, first)}
    root = collection.decks.id_for_name("MLOps Interview Lab")
    collection.decks.select(root)
    for rating in json.loads(lesson):
        answer(collection, rating)
    told["learned"] = notes(collection)
    told["second"] = taken(collection, second)
    told["now"] = notes(collection)
    told["decks"] = [deck.name for deck in collection.decks.all_names_and_ids()]
    told["types"] = [one.name for one in collection.models.all_names_and_ids()]
    told["card"] = shown(collection)
    collection.close()
    print(json.dumps(told))


def taken(collection: Collection, package: str) -> dict[str, int]:
    """Import a package as Anki does when nothing is chosen; how many notes became what."""
    log = collection.import_anki_package(ImportAnkiPackageRequest(package_path=package)).log
    kinds = [field.name for field in log.DESCRIPTOR.fields if field.name != "found_notes"]
    counts = {kind: getattr(log, kind) for kind in kinds}
    return {kind: len(found) for kind, found in counts.items() if hasattr(found, "__len__")}


def answer(collection: Collection, rating: str) -> None:
    """Rate the next card."""
    queued = collection.sched.get_queued_cards().cards[0]
    card = collection.get_card(queued.card.id)
    card.start_timer()
    given = CardAnswer.Rating.Value(rating)
    build = collection.sched.build_answer
    collection.sched.answer_card(build(card=card, states=queued.states, rating=given))


def notes(collection: Collection) -> dict[str, dict[str, object]]:
    """Each note by its id in the bank: what it says, where it is, and how well it is known."""
    return {
        note["Id"]: told(collection, note) for note in map(collection.get_note, ids(collection))
    }


def told(collection: Collection, note) -> dict[str, object]:
    (card,) = note.cards()
    names = ("type", "queue", "due", "ivl", "reps", "lapses")
    return {
        "fields": dict(note.items()),
        "tags": note.tags,
        "deck": collection.decks.name(card.did),
        "known": {name: getattr(card, name) for name in names},
        "reviews": collection.db.scalar("select count() from revlog where cid = ?", card.id),
    }


def ids(collection: Collection) -> list[int]:
    return list(collection.find_notes(""))


def shown(collection: Collection) -> dict[str, str]:
    (card,) = collection.get_note(ids(collection)[0]).cards()
    return {"question": card.question(), "answer": card.answer()}


if __name__ == "__main__":
    main()
