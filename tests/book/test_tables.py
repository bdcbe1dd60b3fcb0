"""Wide tables know the names of their columns; others stay as they are."""

import pytest

from mlops_lab.book.tables import stack

LONG = "as long as a sentence that breaks"


def table(*columns: str, kind: str = "table", cell: str = LONG) -> str:
    """A table of one row, as Sphinx writes it, between other text."""
    head = "".join(f"<th><p>{name}</p></th>" for name in columns)
    body = "".join(f"<td><p>{cell}</p></td>" for _ in columns)
    rows = f"<thead><tr>{head}</tr></thead>\n<tbody><tr>{body}</tr></tbody>"
    return f'<p>before</p>\n<table class="{kind}">\n{rows}\n</table>\n<p>behind</p>'


def test_each_cell_but_the_first_says_what_it_is() -> None:
    page = stack(table("Flaw", "it costs", "Instead"))
    assert '<table class="table stacked">' in page
    assert page.count("data-column") == 2
    assert '<td data-column="It costs: ">' in page
    assert page.startswith("<p>before</p>")
    assert page.endswith("<p>behind</p>")


@pytest.mark.parametrize(
    "page",
    [
        table("Name", "What it is"),
        table("Lab", "Status", "Seconds", cell="12"),
        table(*"abcdefg"),
        table("Flaw", "It costs", "Instead", kind="dataframe"),
        "<p>No table.</p>",
    ],
    ids=["two columns", "short cells", "a matrix", "data", "none"],
)
def test_what_fits_stays_as_it_is(page: str) -> None:
    assert stack(page) == page


def test_it_is_done_once() -> None:
    page = stack(table("Flaw", "It costs", "Instead"))
    assert stack(page).count("stacked") == 1
