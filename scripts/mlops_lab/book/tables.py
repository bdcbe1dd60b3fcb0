"""Tables that a phone has no room for: each cell gets the name of its column, and the style sheet
shows such a table row by row on a narrow screen."""

import re

from bs4 import BeautifulSoup, Tag

TABLE = re.compile(r'<table class="(?![^"]*(?:dataframe|stacked))[^"]*".*?</table>', re.DOTALL)
STACKED = "stacked"
COLUMNS = range(3, 7)  # with fewer there is room, and more of them are a matrix of short cells
ROOM = 60  # characters beside each other at 390 pixels
BREAKS = 25  # a longer cell breaks into lines


def stack(page: str) -> str:
    """A page's HTML with its wide tables named."""
    return TABLE.sub(lambda match: _named(match[0]), page)


def _named(table: str) -> str:
    parsed = BeautifulSoup(table, "html.parser")
    head, *rows = (row.find_all(["th", "td"]) for row in parsed.find_all("tr"))
    if len(head) not in COLUMNS or not rows or _width([head, *rows]) <= ROOM:
        return table
    found = parsed.table
    assert found is not None
    found["class"] = " ".join([*found.get_attribute_list("class"), STACKED])
    names = [cell.get_text(" ", strip=True) for cell in head]
    for row in rows:
        # The first is what the row is about, and needs no name.
        for name, cell in list(zip(names, row, strict=False))[1:]:
            cell["data-column"] = f"{name[:1].upper()}{name[1:]}: "
    return str(parsed)


def _width(rows: list[list[Tag]]) -> int:
    columns = zip(*rows, strict=False)
    return sum(min(BREAKS, max(len(cell.get_text()) for cell in column)) for column in columns)
