"""Small changes of a rule, each of which a test of the rule has to notice."""

import copy
import re
from collections.abc import Iterator
from typing import Any

Rule = dict[str, Any]

NUMBER = r"(?<![\w.\[*])(\d+(?:\.\d+)?)(?![\w.\]]| \*)"
COMPARED = re.compile(rf"(<=|>=|==|!=|<|>) {NUMBER}")
OPERATOR = re.compile(r"(<=|>=|==|!=|<|>) ")
OTHER = {"<": (">", "<="), ">": ("<", ">="), "==": ("!=",), "!=": ("==",)}
AHEAD = re.compile(r"(\d+) \* 3600")  # as far as predict_linear looks
MATCHER = re.compile(r'(=~|!~|!=|=)"')
OPPOSITE = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
QUANTILE = re.compile(r"histogram_quantile\((0\.\d+)")
DURATION = re.compile(r"(\d+)([smhd])")


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Every mutant of the rule, after what was done to it."""
    for expression in _expressions(rule["expr"]):
        yield f"{rule['expr']}  ->  {expression}", {**rule, "expr": expression}
    if "for" in rule:
        for changed in _durations(rule["for"], "for"):
            yield f"for: {changed}", {**rule, "for": changed}
        without = copy.deepcopy(rule)
        del without["for"]
        yield "without for", without
    elif "alert" in rule:
        yield "for: 1m", {**rule, "for": "1m"}


def _expressions(text: str) -> Iterator[str]:
    yield from _thresholds(text)
    for found in OPERATOR.finditer(text):
        for operator in OTHER[found[1]]:
            yield _put(text, found, f"{operator} ")
    for found in re.finditer(r"\[(\w+)\]", text):
        for changed in _durations(found[1], "window"):
            yield _put(text, found, f"[{changed}]")
    for found in AHEAD.finditer(text):
        for share in (0.8, 1.2):
            yield _put(text, found, f"{int(found[1]) * share:g} * 3600")
    for found in MATCHER.finditer(text):
        yield _put(text, found, f'{OPPOSITE[found[1]]}"')
    for found in re.finditer(r"\b(by|on|without|ignoring) \(([^)]*)\)", text):
        labels = re.split(r",\s*", found[2])
        for one in labels:
            others = ", ".join(label for label in labels if label != one)
            yield _put(text, found, f"{found[1]} ({others or 'nothing'})")
    for found in QUANTILE.finditer(text):
        for other in ("0.9", "0.99" if found[1] != "0.99" else "0.95"):
            yield _put(text, found, f"histogram_quantile({other}")
    for found in re.finditer(r"\b(and|unless|or)\b", text):
        yield text[: found.start()]
        yield text[found.end() :]


def _thresholds(text: str) -> Iterator[str]:
    for found in COMPARED.finditer(text):
        limit = float(found[2])
        for changed in (limit * 0.95, limit * 1.05) if limit else (1.0,):
            yield _put(text, found, f"{found[1]} {changed:.6g}")


def _durations(text: str, kind: str) -> Iterator[str]:
    found = DURATION.fullmatch(text)
    assert found, f"{kind} {text}"
    number, unit = int(found[1]), found[2]
    seconds = number * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    for share in (0.8, 1.2):
        yield f"{seconds * share:.0f}s"


def _put(text: str, found: re.Match[str], new: str) -> str:
    return text[: found.start()] + new + text[found.end() :]
