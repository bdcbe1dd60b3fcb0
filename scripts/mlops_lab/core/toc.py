"""The book's table of contents: which pages there are, and in which order."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import yaml

from mlops_lab.core.paths import TOC


def files(folder: str = "") -> list[str]:
    """The book's pages in a folder, in the order of _toc.yml."""
    found = _listed(TOC.read_text(encoding="utf-8"))
    return [file for file in found if file.startswith(folder)]


@cache  # a plan asks for the order hundreds of times
def _listed(text: str) -> tuple[str, ...]:
    return tuple(_files(yaml.load(text, Loader=yaml.CSafeLoader)))


def _files(node: Any) -> Iterable[str]:
    if isinstance(node, list):
        for item in node:
            yield from _files(item)
    elif isinstance(node, dict):
        if file := node.get("file", node.get("root")):
            yield str(file)
        for value in node.values():
            if isinstance(value, list):
                yield from _files(value)
