"""YAML of ours, checked as it is read: what is wrong is told with its file and key."""

from collections.abc import Mapping
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from mlops_lab.core.errors import LabError

T = TypeVar("T")
STRICT = ConfigDict(extra="forbid")


class Strict(BaseModel):
    """An entry that has no other keys than its fields, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load(kind: type[T], text: str, file: str, key: str = "") -> T:
    """What the YAML says, as `check` has it.

    Raises:
        LabError: it is not YAML, or not a `kind`.
    """
    try:
        # libyaml reads the question bank ten times as fast as the loader written in Python.
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise LabError(f"{file}: {error}") from error
    return check(kind, data, file, key)


def check(kind: type[T], data: Any, file: str, key: str = "") -> T:
    """The data as a `kind`; if it is a mapping of entries, `key` is the field for their names.

    Raises:
        LabError: it is none; each line of the message has the file, the key and a reason.
    """
    if key and isinstance(data, Mapping | None):
        entries = (data or {}).items()
        data = {n: {key: n, **e} if isinstance(e, Mapping) else e for n, e in entries}
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        lines = [f"{file}: {_where(data, e['loc'])}: {e['msg']}" for e in error.errors()]
        raise LabError("\n".join(lines)) from error


def _where(data: Any, location: tuple[int | str, ...]) -> str:
    """The keys that lead to an error, with an entry's id for its number, if it has one."""
    names: list[str] = []
    for part in location:
        try:
            data = data[part]
        except (LookupError, TypeError):  # it is missing, or the name of a type
            data = None
        own = data.get("id") if isinstance(part, int) and isinstance(data, Mapping) else None
        names.append(str(own or part))
    return ": ".join(names) or "all of it"
