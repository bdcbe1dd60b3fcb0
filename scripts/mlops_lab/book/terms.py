"""Links from a page to the glossary: the first use of each term, found when the book is built."""

import re
from collections.abc import Iterable
from functools import cache

from mlops_lab.core.paths import BOOK

# What is not prose, or is a link already.
OTHER = re.compile(
    r"(<summary>.*?</summary>|^```.*?^```|^#[^\n]*|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|\{\w+\}`[^`]*`|<[^>]*>|^\|[^\n]*)",
    re.MULTILINE | re.DOTALL,
)


@cache
def terms() -> tuple[str, ...]:
    """The glossary's terms, longest first, so that a part of one is not taken for another."""
    text = (BOOK / "glossary.md").read_text(encoding="utf-8")
    found = re.findall(r"^(\w[^\n]*)$", text.partition(":sorted:")[2], re.MULTILINE)
    return tuple(sorted(found, key=lambda term: (-len(term), term)))


def link(texts: Iterable[str]) -> list[str]:
    """The Markdown texts of one page, in which the first use of each term is a link."""
    used: set[str] = set()
    return ["".join(_linked(text, used)) for text in texts]


def _linked(text: str, used: set[str]) -> Iterable[str]:
    for number, part in enumerate(OTHER.split(text)):
        yield part if number % 2 else _pattern().sub(lambda match: _first(match[0], used), part)


def _first(found: str, used: set[str]) -> str:
    term = found if found in terms() else found[0].lower() + found[1:]
    if term in used:
        return found
    used.add(term)
    return f"{{term}}`{found}`" if found == term else f"{{term}}`{found} <{term}>`"


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(map(_spellings, terms()))
    return re.compile(rf"(?<![\w/-])(?:{names})(?![\w/-])")


def _spellings(term: str) -> str:
    """A common word may begin a sentence; a name such as Application is never a common word."""
    rest = re.escape(term[1:])
    return f"[{term[0]}{term[0].upper()}]{rest}" if term.islower() else re.escape(term)
