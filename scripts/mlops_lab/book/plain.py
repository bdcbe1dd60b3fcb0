"""The book's pages for JupyterLab, whose preview knows Markdown and none of MyST.

MyST's syntax: https://myst-parser.readthedocs.io/en/v3.0.1/syntax/syntax.html
"""

import re
from collections.abc import Callable

OPEN = re.compile(r"^(:{3,})\{([a-z-]+)\} ?(.*)$")
OPTION = re.compile(r"^:([a-z-]+): ?(.*)$")
LABEL = re.compile(r"^\([\w-]+\)=$")
ROLE = re.compile(r"\{(?:term|ref|doc)\}`([^`<]+?)(?: <[^`>]*>)?`")
NO_TEXT = re.compile(r"\[\]\(([^)#]+)\)")


def markdown(text: str, title: Callable[[str], str]) -> str:
    """The page without what only MyST knows; `title` gives that of a page by a link to it."""
    text = ROLE.sub(r"\1", NO_TEXT.sub(lambda link: f"[{title(link[1])}]({link[1]})", text))
    lines = text.splitlines()
    made, ends = list[str](), list[tuple[str, str]]()
    while lines:
        line = lines.pop(0)
        if found := OPEN.match(line):
            fence, kind, rest = found.groups()
            options = dict[str, str]()
            while lines and (option := OPTION.match(lines[0])):
                options[option[1]] = option[2]
                lines.pop(0)
            begin, end = _block(kind, rest, options)
            made.append(begin)
            ends.append((fence, end))
        elif ends and line == ends[-1][0]:
            made.append(ends.pop()[1])
        elif line.startswith(": ") and made and made[-1]:
            made[-1:] = [f"**{made[-1]}**", "", line.removeprefix(": ")]
        elif not LABEL.match(line):
            made.append(line)
    return "\n".join(made) + "\n"


def _block(kind: str, rest: str, options: dict[str, str]) -> tuple[str, str]:
    """How a directive begins and ends."""
    if kind == "dropdown":
        return f"<details><summary>{rest}</summary>\n", "\n</details>"
    if kind == "figure":
        return f"![{options.get('alt', '')}]({rest})\n", ""
    if kind in ("admonition", "grid-item-card"):
        return f"**{rest}**\n", ""
    return "", ""
