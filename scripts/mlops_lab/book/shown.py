"""Files that a page is about: the text stands in a Markdown cell, and is taken from the file.

The cell's metadata say which: ``{"shows": {"file": "labs/mlops/Makefile", "from": "…"}}``. `from`
and `to` are texts that the first and the last line have; without them it is the whole file.
"""

from collections.abc import Mapping
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import ROOT

KEY = "shows"
LANGUAGES = {
    ".py": "python", ".yml": "yaml", ".yaml": "yaml", ".sh": "bash", ".json": "json",
    ".toml": "toml", "Makefile": "makefile", "Dockerfile": "dockerfile",
}  # fmt: skip


def cell(shows: Mapping[str, str]) -> str:
    """The source of the cell: the file's path, and its text in a block of its language.

    Raises:
        LabError: the file is not there, or has no such line.
    """
    path = ROOT / shows["file"]
    try:
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    except OSError as error:
        raise LabError(f"a page shows {shows['file']}, which cannot be read: {error}") from error
    first = _line(lines, shows.get("from"), 0, shows["file"])
    last = _line(lines, shows["to"], first, shows["file"]) if "to" in shows else len(lines) - 1
    part = lines[first : last + 1]
    where = "" if len(part) == len(lines) else f", lines {first + 1} to {last + 1}"
    # Apart, so that a phone can break the line between them.
    folder = f" in `{Path(shows['file']).parent}`" if "/" in shows["file"] else ""
    return "\n".join(
        [f"**{path.name}**{folder}{where}:", "", f"```{_language(path)}", *part, "```"]
    )


def _line(lines: list[str], text: str | None, start: int, file: str) -> int:
    if text is None:
        return start
    for number in range(start, len(lines)):
        if text in lines[number]:
            return number
    raise LabError(f"a page shows {file} from or to {text!r}, which no line has")


def _language(path: Path) -> str:
    return LANGUAGES.get(path.suffix) or LANGUAGES.get(path.name.partition(".")[0], "text")
