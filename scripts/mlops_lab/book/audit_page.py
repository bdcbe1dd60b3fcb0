"""The page of the audit: ten flaws to tell, and a table of the others."""

from mlops_lab import audit
from mlops_lab.audit import Row
from mlops_lab.audit.flaws import HAND

INTRO = """\
[Lab 05](../notebooks/05-ci.ipynb) takes the workflow apart that came with the project: {count}
flaws, {by_hand} of which none of the lab's three tools finds. Here are the {told} to tell in an
interview. Read the lines, say aloud what is wrong with them and what it costs, then read on."""
REST = """\
## The other {count}

:::::{{dropdown}} Flaw, cost and fix of each

| Flaw | What it costs | Instead |
|---|---|---|
"""


def page() -> str:
    """Markdown: the flaws to tell, each with its own heading, then the rest, folded."""
    rows = audit.rows()
    told, rest = [r for r in rows if r.tell], [r for r in rows if not r.tell]
    by_hand = sum(row.found_by == HAND for row in rows)
    intro = INTRO.format(count=len(rows), by_hand=by_hand, told=len(told))
    table = REST.format(count=len(rest)) + "\n".join(map(line, rest)) + "\n:::::"
    return "\n\n".join(["# The audit, flaw by flaw", intro, *map(flaw, told), table]) + "\n"


def flaw(row: Row) -> str:
    """One flaw: its lines to think about, what it costs, and the rest behind a click."""
    found = "read by eye" if row.found_by == HAND else row.found_by
    body = "\n\n".join(
        [
            f"**It costs:** {row.cost}",
            f"**Instead:** {row.fix}",
            *(f"- `{place.file}`: `` {place.line} ``" for place in row.hardened),
            f"**In your words:** {row.answer}",
            f"_Found by: {found}_",
        ]
    )
    naive = "\n".join(["```yaml", *row.naive, "```"])
    head = f"## {row.title}\n\n{naive}"
    return f"{head}\n\n::::{{dropdown}} What it costs, and what to do instead\n{body}\n::::"


def line(row: Row) -> str:
    """One flaw as a line of the table."""
    cells = (row.title, row.cost, row.fix)
    return f"| {' | '.join(cell.strip().replace('|', chr(92) + '|') for cell in cells)} |"
