"""README's table of labs, with the times of their recordings."""

import re
from collections.abc import Sequence

from mlops_lab.core.files import publish
from mlops_lab.core.paths import ROOT
from mlops_lab.core.text import mebibytes, seconds
from mlops_lab.interview import bank
from mlops_lab.lab.catalog import Spec

README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- labs:.*?-->\n).*?(<!-- end -->)", re.DOTALL)


def update(specs: Sequence[Spec]) -> None:
    """Write the table into README, if there is a place for it."""
    if README.exists():
        publish(README, updated(README.read_text(encoding="utf-8"), specs))


def updated(text: str, specs: Sequence[Spec]) -> str:
    """README's text with the table of these labs, as far as they were recorded, in its place."""
    specs = [spec for spec in specs if "seconds" in spec.stamp]
    table = ["| Lab | What it proves | Time | Peak memory | Questions |", "|---|---|--:|--:|--:|"]
    for spec in specs:
        link = f"[{spec.stem}](notebooks/{spec.stem}.ipynb)"
        time, peak = spec.stamp["seconds"], spec.stamp["peak_memory_bytes"]
        asked = len(bank.for_lab(spec.stem))
        row = [link, spec.title, seconds(time), mebibytes(peak), str(asked)]
        table.append(f"| {' | '.join(row)} |")
    lines = "\n".join([*table, "", _recorded(specs)])
    return PLACE.sub(lambda place: f"{place[1]}{lines}\n{place[2]}", text)


def _recorded(specs: Sequence[Spec]) -> str:
    """On what, and with which profile each."""
    profiles = {spec.stamp["profile"] for spec in specs}
    told = [
        f"{' '.join(s.number for s in specs if s.stamp['profile'] == profile)} with `{profile}`"
        for profile in sorted(profiles)
    ]
    machine = specs[0].stamp["machine"]
    return (
        f"Recorded on {machine}, one or two labs at a time. The "
        f"[profiles](book/how-to-run.md#profiles): {', '.join(told)}."
    )
