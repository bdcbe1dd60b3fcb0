"""Evidence is quoted from the cell that it names."""

import pytest

from mlops_lab.book import notebooks, questions
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Cell
from mlops_lab.lab import catalog

CELLS = sorted({(c.lab, c.cell) for e in bank.entries() for c in bank.cells(e)})


@pytest.mark.parametrize(("lab", "cell"), CELLS)
def test_a_quote_is_a_few_lines_of_what_the_cell_said(lab: str, cell: str) -> None:
    found = next(c for c in notebooks.read(notebooks.latest(lab)).cells if c.id == cell)
    said = found.source + "".join(map(questions._text, found.outputs))
    how, lines = questions.quote(Cell(lab=lab, cell=cell))
    assert (how == "says") == any(questions._text(o).strip() for o in found.outputs)
    assert 1 <= len(lines) <= questions.LINES
    assert all(len(line) <= questions.COLUMNS and line.rstrip("…") in said for line in lines)


def test_a_long_output_is_cut() -> None:
    assert questions._short(list("abcdefg")) == ["a", "b", "c", "d", "e", "…"]
    assert questions._short(["x" * 200]) == ["x" * 159 + "…"]


@pytest.mark.parametrize("stem", catalog.stems())
def test_a_step_names_the_questions_that_its_cells_prove(stem: str) -> None:
    steps = {c.cell for e in bank.for_lab(stem) for c in bank.cells(e) if c.lab == stem}
    assert questions.asked(stem, steps).count("](#q-") == len(bank.for_lab(stem))
    assert questions.asked(stem, ["no-such-cell"]) == ""
