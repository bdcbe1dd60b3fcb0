"""The part of GitHub's expressions that the settings of a workflow need outside of its jobs.

act evaluates those in jobs. Here are paths, literals, ``== != ! && ||`` and parentheses, as in
https://docs.github.com/en/actions/reference/workflows-and-actions/expressions.
"""

import re
from collections.abc import Mapping
from typing import Any

from mlops_lab.core.errors import LabError

EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.S)
TOKEN = re.compile(r"\s*(==|!=|&&|\|\||[!()]|'(?:[^']|'')*'|-?\d+(?:\.\d+)?|[\w.\-]+)")


def evaluate(text: Any, contexts: Mapping[str, Any]) -> Any:
    """The value of `text`, or the text with every embedded expression filled in.

    Raises:
        LabError: it holds more than this module knows.
    """
    if not isinstance(text, str):
        return text
    if whole := EMBEDDED.fullmatch(text.strip()):
        return _Parser(whole[1], contexts).value()
    return EMBEDDED.sub(lambda found: _text(_Parser(found[1], contexts).value()), text)


class _Parser:
    def __init__(self, text: str, contexts: Mapping[str, Any]) -> None:
        self._text, self._contexts = text, contexts
        self._tokens = TOKEN.findall(text)
        if TOKEN.sub("", text).strip():
            raise self._trouble()

    def value(self) -> Any:
        found = self._either()
        if self._tokens:
            raise self._trouble()
        return found

    def _either(self) -> Any:
        found = self._both()
        while self._next("||"):
            other = self._both()
            found = found or other
        return found

    def _both(self) -> Any:
        found = self._equal()
        while self._next("&&"):
            other = self._equal()
            found = found and other
        return found

    def _equal(self) -> Any:
        found = self._single()
        for sign, same in (("==", True), ("!=", False)):
            if self._next(sign):
                return (_folded(found) == _folded(self._single())) == same
        return found

    def _single(self) -> Any:
        if self._next("!"):
            return not self._single()
        if self._next("("):
            found = self._either()
            if not self._next(")"):
                raise self._trouble()
            return found
        if not self._tokens or self._tokens[0] in ("==", "!=", "&&", "||", ")"):
            raise self._trouble()
        return self._literal(self._tokens.pop(0))

    def _literal(self, token: str) -> Any:
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if re.fullmatch(r"-?\d+(\.\d+)?", token):
            return float(token)
        return self._path(token.split("."))

    def _path(self, path: list[str]) -> Any:
        if path[0] not in self._contexts:
            raise self._trouble()
        found: Any = self._contexts
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _next(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False

    def _trouble(self) -> LabError:
        known = ", ".join(self._contexts)
        return LabError(
            f"the lab's runner cannot evaluate ${{{{{self._text}}}}} here: it knows literals, paths"
            f" in {known}, and == != ! && ||"
        )


def _folded(value: Any) -> Any:
    """GitHub compares strings without regard to case."""
    return value.casefold() if isinstance(value, str) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
