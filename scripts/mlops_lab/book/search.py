"""A Sphinx extension: searching the book from disk shows the matching words, too.

Sphinx's search asks for each page that it found, to cite it; a browser refuses that to a page that
came from disk. So the pages' texts are written into one script, which the search page loads.
"""

import html
import json
from pathlib import Path
from typing import Any

NAME = "texts.js"
SCRIPT = """\
if (location.protocol === "file:") {
    const texts = %s;
    window.fetch = async address => ({text: async () => {
        const name = new URL(address, location).pathname.replace(/\\.html$/, "");
        const found = Object.keys(texts).find(page => name.endsWith("/" + page));
        return `<div role="main">${texts[found] ?? ""}</div>`;
    }});
}
"""


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("html-page-context", _load)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _load(app: Any, page: str, *_: Any) -> None:
    if page == "search":
        app.add_js_file(NAME)


def _write(app: Any, error: Exception | None) -> None:
    if error is None:
        texts = {name: _text(app.env.get_doctree(name)) for name in app.env.found_docs}
        script = SCRIPT % json.dumps(texts, ensure_ascii=False)
        (Path(app.outdir) / "_static" / NAME).write_text(script, encoding="utf-8")


def _text(page: Any) -> str:
    """What a reader reads: not the source of a picture."""
    found = page.findall(lambda node: node.tagname == "#text" and node.parent.tagname != "raw")
    return html.escape(" ".join(found))
