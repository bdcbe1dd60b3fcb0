"""The page of the audit: ten flaws to tell, the rest in a table."""

from mlops_lab import audit
from mlops_lab.book import audit_page

ROWS, PAGE = audit.rows(), audit_page.page()


def test_ten_are_told_with_cost_and_fix() -> None:
    told = [row for row in ROWS if row.tell]
    assert len(told) == PAGE.count("**In your words:**") == 10
    for row in told:
        assert f"## {row.title}\n" in PAGE
        assert f"**It costs:** {row.cost}" in PAGE
        assert f"**Instead:** {row.fix}" in PAGE


def test_each_of_the_others_is_a_line_of_the_folded_table() -> None:
    rest = [row for row in ROWS if not row.tell]
    table = PAGE.partition(":::::{dropdown}")[2]
    assert [audit_page.line(row) for row in rest] == table.splitlines()[4:-1]
