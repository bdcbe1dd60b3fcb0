"""The question bank as it was parsed last: reading JSON takes a fraction of what YAML takes.

The drill's first question is there in half a second only with this.
"""

import json
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mlops_lab.core.files import publish
from mlops_lab.core.paths import INTERVIEW
from mlops_lab.interview import bank
from mlops_lab.interview.bank import Topic
from mlops_lab.toolchain import cache as caches

_TOPICS = TypeAdapter(tuple[Topic, ...])


@cache
def topics() -> tuple[Topic, ...]:
    """What `bank.topics` has, from the cache if the bank and its schema are what they were.

    Raises:
        LabError: as `bank.topics`.
    """
    key = caches.key(*sorted(INTERVIEW.glob("*.yml")), Path(bank.__file__))
    file = caches.folder() / "bank.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["key"] == key:
            return _TOPICS.validate_python(stored["topics"])
    except (OSError, ValueError, LookupError, TypeError, ValidationError):
        pass  # there is none, or somebody has been at it
    found = bank.topics()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stored = {"key": key, "topics": _TOPICS.dump_python(found, mode="json")}
        publish(file, json.dumps(stored))
    except OSError:
        pass  # a full or a foreign disk only makes the next time slow
    return found


def entries() -> list[bank.Entry]:
    """Every question of every topic."""
    return [entry for topic in topics() for entry in topic.questions]
