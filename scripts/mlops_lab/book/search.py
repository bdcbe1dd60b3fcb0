"""A Sphinx extension: a search finds each question by itself, and from disk it shows what it found.

Sphinx's search knows whole pages. A page of questions is many things, and its answers are folded:
so that a result leads to the question that has the words, the questions' texts are written into one
script, which the search page loads. And Sphinx's search asks for each page that it found, to cite
it; a browser refuses that to a page that came from disk. So the script has the pages' texts, too.
"""

import html
import json
from pathlib import Path
from typing import Any

NAME, SCRIPT = "texts.js", Path(__file__).with_name("search.js")
QUESTION = "q-"  # how the names of questions begin


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_js_file("questions.js")
    app.connect("html-page-context", _load)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _load(app: Any, page: str, *_: Any) -> None:
    if page == "search":
        app.add_js_file(NAME)


def _write(app: Any, error: Exception | None) -> None:
    if error is None:
        pages = {name: app.env.get_doctree(name) for name in app.env.found_docs}
        texts = {name: html.escape(_text(page)) for name, page in pages.items()}
        questions = {name: found for name, page in pages.items() if (found := _questions(page))}
        data = [json.dumps(one, ensure_ascii=False) for one in (texts, questions)]
        script = "const texts = {}, questions = {};\n".format(*data)
        script += SCRIPT.read_text(encoding="utf-8")
        (Path(app.outdir) / "_static" / NAME).write_text(script, encoding="utf-8")


def _questions(page: Any) -> list[tuple[str, str, str]]:
    """The name of each question that has its place on a page, the question, and all of it."""
    heads = page.findall(lambda node: node.tagname == "rubric")
    named = ((name, head) for head in heads for name in head["ids"])
    return [(n, _text(h), _text(h.parent)) for n, h in named if n.startswith(QUESTION)]


def _text(page: Any) -> str:
    """What a reader reads: not the source of a picture."""
    found = page.findall(lambda node: node.tagname == "#text" and node.parent.tagname != "raw")
    return " ".join(found)
