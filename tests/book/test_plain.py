"""Pages for JupyterLab have nothing that only MyST knows."""

import re

from mlops_lab.book.plain import markdown
from mlops_lab.core.paths import BOOK

PAGE = """\
# A page

(label)=
:::{figure} images/path.svg
:alt: Six stops
:name: path

Where a model goes
:::

::::{dropdown} Why?
:name: q-why

Since a {term}`pod` ends, see {ref}`that cell <cell-1>` and [](other.md).
::::

A word
: What it means.
"""
PLAIN = """\
# A page

![Six stops](images/path.svg)


Where a model goes


<details><summary>Why?</summary>


Since a pod ends, see that cell and [Other](other.md).

</details>

**A word**

What it means.
"""


def test_directives_roles_and_labels_become_markdown() -> None:
    assert markdown(PAGE, {"other.md": "Other"}.__getitem__) == PLAIN


def test_no_page_of_the_book_keeps_any_of_it() -> None:
    """But what stands in a listing."""
    for path in BOOK.rglob("*.md"):
        text = re.sub(r"```.*?```", "", markdown(path.read_text("utf-8"), str), flags=re.DOTALL)
        assert not re.findall(r"^:{3,}.*|\{[a-z]+\}`|\[\]\(|^: ", text, re.MULTILINE), path.name
