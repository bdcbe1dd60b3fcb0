"""The page of the audit: every flaw of the naive workflow, with what one says about it."""

from mlops_lab import audit
from mlops_lab.audit import Row
from mlops_lab.audit.flaws import HAND

INTRO = """\
[Lab 05](../notebooks/05-ci.ipynb) takes the workflow apart that came with the project. Here is each
flaw on its own. Read the naive line, say aloud what is wrong with it and what it costs, then open
the answer. {count} flaws, {by_hand} of which no tool finds."""


def page() -> str:
    """Markdown: one collapsed answer a flaw, in the order of the file."""
    rows = audit.rows()
    by_hand = sum(row.found_by == HAND for row in rows)
    intro = INTRO.format(count=len(rows), by_hand=by_hand)
    return "\n\n".join(["# The audit, flaw by flaw", intro, *map(flaw, rows)]) + "\n"


def flaw(row: Row) -> str:
    """One flaw: its lines to think about, and all else behind a click."""
    found = "read by eye" if row.found_by == HAND else row.found_by
    lines = (f"- `{place.file}`: `` {place.line} ``" for place in row.hardened)
    body = "\n\n".join(
        [
            f"**{row.title}.** {row.cost}",
            f"**Instead:** {row.fix}",
            "\n".join(lines),
            f"**In your words:** {row.answer}",
            f"_Found by: {found}_",
        ]
    )
    naive = "\n".join(["```yaml", *row.naive, "```"])
    return f"{naive}\n\n::::{{dropdown}} What is wrong, and what it costs\n{body}\n::::"
