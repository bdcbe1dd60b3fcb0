"""Question pages and the collapsed answers of a lab's "In the interview" section."""

from mlops_lab.interview.bank import Cell, Entry, Source, Topic, for_lab


def page(topic: Topic) -> str:
    """A topic's page: every question, its answer collapsed."""
    head = [f"# {topic.title}", topic.about]
    return "\n\n".join([*head, *(question(entry, named=True) for entry in topic.questions)]) + "\n"


def section(stem: str) -> str:
    """A lab's "In the interview" section."""
    intro = (
        "You can now answer these, and point at the cell that proves it. Say your answer aloud "
        "before you open one; `./lab drill` asks them again when you are about to forget."
    )
    return "\n\n".join(["## In the interview", intro, *(question(e) for e in for_lab(stem))])


def question(entry: Entry, *, named: bool = False) -> str:
    """One question as a dropdown; `named` where links should lead to it, which is once."""
    follow = [f"**{f.question}**\n\n{f.answer}" for f in entry.follow_ups]
    points = "\n".join(f"- {point}" for point in entry.key_points)
    proof = "\n".join(f"- {_evidence(e)}" for e in entry.evidence)
    body = "\n\n".join(
        [
            entry.answer,
            f"**What a listener ticks off**\n\n{points}",
            f"**The trap**\n\n> {entry.trap.said}\n\n{entry.trap.why}",
            "**Then they ask**",
            *follow,
            f"**Evidence**\n\n{proof}",
        ]
    )
    name = f":name: q-{entry.id}\n" if named else ""
    return f"::::{{dropdown}} {entry.question}\n{name}\n_{entry.level}_\n\n{body}\n::::"


def label(cell: Cell) -> str:
    """The name of the place in the book where a cell stands."""
    return f"cell-{cell.lab}-{cell.cell}"


def _evidence(evidence: Cell | Source) -> str:
    if isinstance(evidence, Cell):
        return f"Lab {{ref}}`{evidence.lab}, cell “{evidence.cell}” <{label(evidence)}>`"
    return f"[{evidence.url.host}]({evidence.url}), read as of {evidence.read}"
