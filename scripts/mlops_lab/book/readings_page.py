"""The page that says how the question bank was checked, and what was wrong."""

from mlops_lab.interview import bank, choice, readings
from mlops_lab.interview.readings import KINDS, First, Found, Second, Wrong

INTRO = """\
# How the answers were checked

A question list is worth what its answers are worth. Each entry of this bank was read again, claim
by claim and not by its author: against the source of the version that the labs pin, the vendor's
page, or the cell that is cited. A claim is a sentence that can be wrong: how a tool behaves, what a
field is called, what a lab showed. Advice is none.

{claims} claims in {entries} entries were looked at, and {wrong} of them were wrong, {share}. All of
these are mended. {unchecked} could be checked nowhere; where one mattered, it was taken out or made
weaker.{since}

The questions that go three deep were read separately: {chains} chains, {deep} claims, {deep_wrong}
wrong and mended.
"""
SECOND = """\
## What is left

A reader misses things. So two others, who knew neither of each other nor of what had been found,
read the same {entries} entries of the mended bank: a quarter, drawn at random. They counted
{claims:.0f} claims, the mean of both.

| | Wrong claims |
|---|--:|
| found by the one | {a} |
| found by the other | {b} |
| of these, found by both | {both} |
| found in all, and mended | {found} |
| there were, as estimated from the overlap | {there:.1f} |

The estimate is [Chapman's](https://en.wikipedia.org/wiki/Mark_and_recapture), which biologists use
to count fish: the fewer of the one reader's faults the other finds too, the more there are that
neither found. It is rather too low, since a fault that is hard to find is hard for both. In
{agreed:.0%} of the entries the two agreed on whether anything was wrong. Counts of claims are the
readers' own, and neither opened every page that is cited: versions, figures and labs got the most
care.

So **about {rate:.1%} of the claims** were wrong when the second reading began, and that is what you
should expect of the entries that were read only once. Of those read three times, {left:.1%}.
"""


def page() -> str:
    """Markdown: the first reading, what it found, and what the second says of the rest."""
    first, second = readings.first(), readings.second()
    parts = [_intro(first), _topics(first), _kinds(first, second), _second(second)]
    return "\n\n".join([*parts, _found(first, second)]) + "\n"


def _intro(first: list[First]) -> str:
    rows = [row for topic in first for row in topic.entries]
    deep = readings.chains().entries
    read = {entry.id for row in rows if (entry := choice.find(row.id))}
    new = len(bank.entries()) - len(read)
    claims, wrong = sum(r.claims for r in rows), sum(len(r.wrong) for r in rows)
    return INTRO.format(
        claims=f"{claims:,}",
        entries=len(rows),
        wrong=wrong,
        share=f"{wrong / claims:.1%}",
        unchecked=sum(row.unchecked for row in rows),
        chains=len(deep),
        deep=sum(row.claims for row in deep),
        deep_wrong=sum(len(row.wrong) for row in deep),
        since=f" {new} questions are newer than the reading." if new else "",
    )


def _topics(first: list[First]) -> str:
    titles = {topic.topic: topic.title for topic in bank.topics()}
    rows = []
    for topic in first:
        claims = sum(row.claims for row in topic.entries)
        wrong = sum(len(row.wrong) for row in topic.entries)
        name = f"[{titles[topic.topic]}](questions/{topic.topic}.md)"
        rows.append(f"| {name} | {len(topic.entries)} | {claims} | {wrong} |")
    return "\n".join(["| Topic | Entries | Claims | Wrong |", "|---|--:|--:|--:|", *rows])


def _kinds(first: list[First], second: Second) -> str:
    once = readings.kinds(row for topic in first for row in topic.entries)
    again = readings.kinds(second.entries)
    rows = [f"| {kind} | {KINDS[kind]} | {once[kind]} | {again[kind]} |" for kind in KINDS]
    head = ["## What was wrong", "", "| Kind | The claim | First reading | Second |"]
    return "\n".join([*head, "|---|---|--:|--:|", *rows])


def _second(second: Second) -> str:
    seen = readings.estimate(second.entries)
    return SECOND.format(
        entries=len(second.entries),
        claims=seen.claims,
        a=seen.a,
        b=seen.b,
        both=seen.both,
        found=seen.found,
        there=max(seen.there, seen.found),
        agreed=readings.agreement(second.entries),
        rate=seen.rate,
        left=seen.left,
    )


def _found(first: list[First], second: Second) -> str:
    """Every wrong claim beside what holds, folded by reading."""
    once = [(row.id, wrong) for topic in first for row in topic.entries for wrong in row.wrong]
    deep = [(row.id, wrong) for row in readings.chains().entries for wrong in row.wrong]
    again = [(row.id, wrong) for row in second.entries for wrong in row.wrong]
    return "\n\n".join(
        [
            "## Each of them",
            "Read what was said, say what is wrong with it, then look.",
            _list("First reading", once),
            _list("Chains", deep),
            _list("Second reading", again),
        ]
    )


def _list(title: str, found: list[tuple[str, Wrong]] | list[tuple[str, Found]]) -> str:
    rows = []
    for name, wrong in found:
        entry = choice.find(name)
        link = f"[{name}](#q-{entry.id})" if entry else name
        what = f"**Said:** {_line(wrong.said)} **Holds:** {_line(wrong.instead)}"
        rows.append(f"- {link}, {wrong.kind}. {what} ({_source(wrong.source)})")
    return "\n".join([f":::::{{dropdown}} {title}: {len(found)}", "", *rows, ":::::"])


def _line(text: str) -> str:
    """On one line, and with a full stop."""
    line = " ".join(text.split())
    return line if line.endswith((".", "?", "!")) else f"{line}."


def _source(text: str) -> str:
    """An address as a link; other words as they are."""
    line = " ".join(text.split())
    return f"<{line}>" if line.startswith("https://") and " " not in line else line
