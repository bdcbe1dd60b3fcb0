"""The question bank as a package for Anki: a note for each question, a deck for each topic.

Anki finds again what it has by ids, and so none of ours may change: a note's is made of the oldest
id of its question, a deck goes by its topic. The fields of the note type must stay as they are,
too: Anki skips the notes of a type whose fields have changed.
"""

import hashlib
import html
import io
import itertools
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import genanki
from markdown_it import MarkdownIt

from mlops_lab.core.errors import LabError
from mlops_lab.interview.bank import Cell, Entry, FollowUp, Source, Topic, labs

NAME, FILE = "MLOps Interview Lab", "mlops-interview-lab.apkg"
FIELDS = (
    "Question", "Level", "Answer", "Key points", "Trap", "Follow-ups", "Chain", "Evidence", "Id",
)  # fmt: skip
STYLE = Path(__file__).with_name("card.css")
FRONT = '<p class="level">{{Level}}</p><div class="question">{{Question}}</div>'
# A part, and the field that it shows.
PARTS = {
    "": "Answer",
    "Did you say": "Key points",
    "The trap": "Trap",
    "Then they ask": "Follow-ups",
    "And deeper, one after the other": "Chain",
    "Evidence": "Evidence",
}
# Raw HTML in the bank is text, such as <none>.
_markdown = MarkdownIt("commonmark", {"html": False})


def write(path: Path, topics: Iterable[Topic], when: float | None = None) -> None:
    """Write the package; the same topics and moment make the same bytes.

    The moment is now unless a test says otherwise: Anki takes a changed card over only if it is
    newer than the one that it has.

    Raises:
        LabError: it cannot be written there, or there is a folder of its name.
    """
    if path.is_dir():
        raise LabError(f"{path}: a folder")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        # An entry that is named by a ZipInfo has no time of its own.
        collection = zipfile.ZipInfo("collection.anki2")
        archive.writestr(collection, _collection(topics, when or time.time()), zipfile.ZIP_DEFLATED)
        archive.writestr(zipfile.ZipInfo("media"), "{}")
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(package.getvalue())
        part.replace(path)
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from error


def _collection(topics: Iterable[Topic], when: float) -> bytes:
    """The database of the package. genanki's own writer leaves a copy in the folder for
    temporary files."""
    package = genanki.Package(_decks(topics))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "collection")
        with closing(sqlite3.connect(path)) as database:
            package.write_to_db(database.cursor(), when, itertools.count(int(when * 1000)))
            database.commit()
        return path.read_bytes()


def _decks(topics: Iterable[Topic]) -> list[genanki.Deck]:
    position, decks = itertools.count(1), []
    for topic in topics:
        about = f"{topic.title}. {topic.about}"
        deck = genanki.Deck(_number("deck", topic.topic), f"{NAME}::{topic.topic}", about)
        for entry in topic.questions:
            deck.add_note(_note(entry, topic, next(position)))
        decks.append(deck)
    return decks


def _note(entry: Entry, topic: Topic, position: int) -> genanki.Note:
    return genanki.Note(
        model=_note_type(),
        fields=list(_fields(entry).values()),
        tags=[
            f"level::{entry.level}",
            f"topic::{topic.topic}",
            *(f"lab::{lab}" for lab in labs(entry)),
        ],
        guid=genanki.guid_for(NAME, [*entry.was, entry.id][0]),
        due=position,
    )


def _note_type() -> genanki.Model:
    parts = "".join(
        f"{{{{#{field}}}}}{f'<h2>{name}</h2>' if name else ''}{{{{{field}}}}}{{{{/{field}}}}}"
        for name, field in PARTS.items()
    )
    back = f'{{{{FrontSide}}}}<hr id="answer"><div class="answer">{parts}</div>'
    card = {"name": "Question", "qfmt": FRONT, "afmt": back}
    css = STYLE.read_text(encoding="utf-8")
    fields = [{"name": name} for name in FIELDS]
    return genanki.Model(_number("notes"), NAME, fields=fields, templates=[card], css=css)


def _fields(entry: Entry) -> dict[str, str]:
    """What each field has, in HTML."""
    found = {
        "Question": _inline(entry.question),
        "Level": entry.level,
        "Answer": _html(entry.answer),
        "Key points": _list(_inline(point) for point in entry.key_points),
        "Trap": f"<blockquote>{_inline(entry.trap.said)}</blockquote>{_html(entry.trap.why)}",
        "Follow-ups": _asked(entry.follow_ups),
        "Chain": _asked(entry.chain),
        "Evidence": _list(map(_evidence, entry.evidence)),
        "Id": entry.id,
    }
    return {name: found[name] for name in FIELDS}


def _asked(further: Sequence[FollowUp]) -> str:
    """Further questions, each closed, so that one can answer it first."""
    return "".join(
        f"<details><summary>{_inline(one.question)}</summary>{_html(one.answer)}</details>"
        for one in further
    )


def _evidence(evidence: Cell | Source) -> str:
    if isinstance(evidence, Source):
        address = html.escape(str(evidence.url))
        return f'<a href="{address}">{evidence.url.host}</a>: {_inline(evidence.read)}'
    command = f"./lab open {evidence.lab.partition('-')[0]}"
    return f"lab {evidence.lab}, cell <code>{evidence.cell}</code> (<code>{command}</code>)"


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _html(text: str) -> str:
    return str(_markdown.render(text))


def _inline(text: str) -> str:
    return str(_markdown.renderInline(" ".join(text.split())))


def _number(*names: str) -> int:
    """An id as Anki has them, always the same for these names."""
    digest = hashlib.sha256("/".join([NAME, *names]).encode()).digest()
    return (1 << 30) + int.from_bytes(digest[:4], "big") % (1 << 30)
