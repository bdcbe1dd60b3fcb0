"""What runs without a cluster is what macOS has too, whose bash is 3.2 and whose sed is BSD's."""

import re

import pytest

from mlops_lab.book import notebooks
from mlops_lab.lab import catalog
from mlops_lab.lab.cells import needs_cluster

GNU = (
    r"\bsed [^|]*-i ",  # without a suffix
    r"\bsed [^|]*[/'\"\d$] ?[aic]\\.",  # text on the line of its command
    r"\bsed [^|]*\bs([#/|,])(?:(?!\1).)*\1(?:(?!\1).)*\\n",  # a newline that is not one
    r"\bsed [^|]*\b0,/",
    r"\bdate [^|)]*(?:-d|%\w*N|-I)",
    r"\$\{\w+(?:,,|\^\^|@)|\b(?:mapfile|readarray|coproc)\b|declare -A|&>>|EPOCH",  # bash 4
    r"\b(?:nproc|tac|shuf|setsid|numfmt)\b|(?<!-)\btimeout \d",
    r"\b(?:grep -\w*P|du -\w*b|stat -c|base64 -w|sort -\w*V|xargs -[rd]|head -n ?-\d)",
    r"/proc/",
)


def of_gnu(text: str) -> list[str]:
    """The lines that only GNU's programs, or a new bash, understand."""
    whole = text.replace("\\\n    ", " ").splitlines()  # a command over several lines
    return [line for line in whole if any(re.search(form, line) for form in GNU)]


@pytest.mark.parametrize("stem", catalog.stems())
def test_no_cell_for_every_machine_is_gnu_s_alone(stem: str) -> None:
    cells = notebooks.read(catalog.read(stem).path).cells
    shell = [c for c in cells if c.source.startswith("%%bash") and not needs_cluster(c)]
    assert [line for cell in shell for line in of_gnu(cell.source)] == []


@pytest.mark.parametrize(
    "line",
    [
        "sed -i 's/a/b/' x", "sed -e '/x/a\\y' z", "sed -e '$ a\\  - y' z",
        "sed -E 's/^a/&\\nb/' x", "sed 's|a|b\\n&|'", "sed \\\n    's|a|b\\n&|'", "sed 0,/x/d y",
        "echo ${name,,}", "date -d now +%s", "date +%s.%N", "nproc --all", "timeout 5 true",
        "grep -oP x", "du -cb *", "cat /proc/self/status",
    ],
)  # fmt: skip
def test_gnu_s_forms_are_known(line: str) -> None:
    assert of_gnu(line)


@pytest.mark.parametrize(
    "line",
    [
        "sed -i.bak 's/a/b/' x", "sed 's/a/&\\\nb/' x", "sed 's/a/b/' x | cut -f 1 | tr , '\\n'",
        "date +%s", "printf '%s\\n' x", "curl --max-timeout 5",
    ],
)  # fmt: skip
def test_what_all_have_is_none_of_them(line: str) -> None:
    assert not of_gnu(line)
