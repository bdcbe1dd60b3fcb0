"""The drill's page and scripts, as files of the book's source."""

import codecs
import hashlib
import json
import re
from pathlib import Path

from mlops_lab.book.drill import data, pack
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import BOOK
from mlops_lab.toolchain import npm

FOLDER = "book/static/drill"  # of what is made here; the sources stand in book/drill
# The program, in the order in which its parts need one another.
PROGRAM = (
    "dom.js", "entries.js", "log.js", "store.js", "schedule.js", "session.js", "figures.js",
    "card.js", "start.js", "unpack.js", "main.js",
)  # fmt: skip
# The program runs where its place is, before the theme's scripts do; the texts come after them.
PAGE = """\
# Drill

````{{only}} builder_html
```{{raw}} html
<link rel="stylesheet" href="../_static/drill/drill.css?v={style}">
<div id="drill-page" aria-busy="true">The drill is a program: it needs JavaScript, and a browser of
2023 or later. <code>./lab drill</code> asks in the terminal.</div>
<script src="../_static/drill/drill.js?v={program}"></script>
<script defer src="../_static/drill/bank.js?v={bank}"></script>
```
````

```{{only}} not builder_html
The questions, asked in a browser: a page of the book that no paper can have.
```
"""
ABSENT = """\
# Drill

This copy of the book was built where its scheduler, ts-fsrs, could not be had. `./lab drill` asks
the same questions in the terminal.
"""
# What only who reads the source needs: comments on lines of their own, and indentation.
UNREAD = re.compile(r"^[ ]*(?:/\*\*.*?\*/\n|//[^\n]*\n)|^[ ]+|^\n", re.DOTALL | re.MULTILINE)


def files() -> dict[str, bytes]:
    """The page and its scripts; without a scheduler a page that says so."""
    try:
        library = npm.package("ts-fsrs")
    except LabError as error:
        print(f"the book's drill page asks nothing: {error}")
        return {"book/drill.md": ABSENT.encode()}
    made = {"style": _source("drill.css").encode(), "program": program(), "bank": bank(library)}
    sums = {name: hashlib.sha256(content).hexdigest()[:8] for name, content in made.items()}
    # Each file is named with its sum, so that no browser shows an older one.
    return {
        "book/drill.md": PAGE.format(**sums).encode(),
        f"{FOLDER}/drill.css": made["style"],
        f"{FOLDER}/drill.js": made["program"],
        f"{FOLDER}/bank.js": made["bank"],
    }


def program() -> bytes:
    """The script that shows the first screen: the program, and what there is to choose from."""
    code = UNREAD.sub("", "".join(_source(name) for name in PROGRAM))
    topics = json.dumps(data.topics(), separators=(",", ":"))
    call = f'const drill = openDrill(document.getElementById("drill-page"), {topics});\n'
    return (code + call).encode()


def bank(library: Path) -> bytes:
    """The script with the texts of the questions, and the scheduler, whose license stands above."""
    license = (library / "LICENSE").read_text(encoding="utf-8").strip()
    code = (library / "dist" / "index.umd.js").read_text(encoding="utf-8")
    code = code.partition("//# sourceMappingURL")[0]  # a browser would ask for that file
    content = json.dumps({"library": code, "texts": data.texts()}, separators=(",", ":"))
    packed = pack.packed(content)
    script = f'/* ts-fsrs, which is in here:\n\n{license}\n*/\nconst PACKED = "{packed}";\n'
    return codecs.BOM_UTF16_LE + f"{script}drill.fill(PACKED);\n".encode("utf-16-le")


def _source(name: str) -> str:
    return (BOOK / "drill" / name).read_text(encoding="utf-8")
