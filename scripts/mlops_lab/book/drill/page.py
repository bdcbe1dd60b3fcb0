"""The drill's page and script, as files of the book's source."""

import hashlib
import json
from pathlib import Path

from mlops_lab.book.drill import data, pack
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import BOOK
from mlops_lab.toolchain import npm

FOLDER = "book/static/drill"  # of what is made here; the sources stand in book/drill
UNPACK = "unpack.js"
# The program, in the order in which its parts need one another.
PROGRAM = (
    "dom.js", "entries.js", "log.js", "store.js", "schedule.js", "session.js", "figures.js",
    "card.js", "start.js", "main.js",
)  # fmt: skip
PAGE = """\
# Drill

````{{only}} builder_html
```{{raw}} html
<link rel="stylesheet" href="../_static/drill/drill.css?v={style}">
<div id="drill-page"><noscript>The drill is a program: it needs JavaScript.</noscript></div>
<script defer src="../_static/drill/bank.js?v={bank}"></script>
<script defer src="../_static/drill/unpack.js?v={unpack}"></script>
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


def files() -> dict[str, bytes]:
    """The page and the script that has all questions; without a scheduler a page that says so."""
    try:
        library = npm.package("ts-fsrs")
    except LabError as error:
        print(f"the book's drill page asks nothing: {error}")
        return {"book/drill.md": ABSENT.encode()}
    script = bank(library).encode()
    return {
        "book/drill.md": page(script).encode(),
        f"{FOLDER}/bank.js": script,
        **{f"{FOLDER}/{name}": _source(name) for name in (UNPACK, "drill.css")},
    }


def bank(library: Path) -> str:
    """The script with the questions, the program and the scheduler, whose license stands above."""
    license = (library / "LICENSE").read_text(encoding="utf-8").strip()
    code = (library / "dist" / "index.umd.js").read_text(encoding="utf-8")
    found = {
        "library": code.partition("//# sourceMappingURL")[0],  # a browser would ask for that file
        "program": "".join(_source(name).decode() for name in PROGRAM),
        "topics": data.topics(),
    }
    packed = pack.packed(json.dumps(found, separators=(",", ":")))
    return f'/* ts-fsrs, which is in here:\n\n{license}\n*/\nconst PACKED = "{packed}";\n'


def page(script: bytes) -> str:
    """The page. It names each file with its sum, so that no browser shows an older one."""
    files = {"bank": script, "unpack": _source(UNPACK), "style": _source("drill.css")}
    return PAGE.format(**{name: _sum(content) for name, content in files.items()})


def _source(name: str) -> bytes:
    return (BOOK / "drill" / name).read_bytes()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:8]
