"""Which workflows an event triggers, and what GitHub refuses before it becomes one.

The rules are those of
https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows,
and for the filters of its syntax page.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_lab.actions.workflow import Workflow
from mlops_lab.core.errors import LabError

# https://docs.github.com/en/actions/managing-workflow-runs/skipping-workflow-runs
SKIP = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]", re.I)
SKIP_TRAILER = re.compile(r"\n\n\n(?:.*\n)*skip-checks: ?true\s*$")
# https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event, and the note on
# the size at the event itself.
TYPE_LENGTH = 100
PROPERTIES = 10
PAYLOAD_LENGTH = 65_535


@dataclass(frozen=True)
class Event:
    """Something that happened; `branch` is what was pushed to.

    `paths` are the files that changed, and `message` is the head commit's.
    """

    name: str
    ref: str
    sha: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    branch: str = ""
    paths: tuple[str, ...] = ()
    message: str = ""


class Refused(LabError):
    """GitHub's API would answer 422 to this."""


def triggers(event: Event, workflow: Workflow) -> bool:
    """Whether the event starts a run of the workflow."""
    if event.name not in workflow.triggers:
        return False
    settings = workflow.triggers[event.name]
    if event.name == "push":
        fits = _branch_fits(event, settings) and _paths_fit(event, settings)
        return fits and not skips(event.message)
    if event.name == "repository_dispatch":
        types = settings.get("types")
        return types is None or event.payload["action"] in _list(types)
    return True


def skips(message: str) -> bool:
    """Whether a commit's message says that it wants no runs on push."""
    return bool(SKIP.search(message) or SKIP_TRAILER.search(message))


def _branch_fits(event: Event, settings: Mapping[str, Any]) -> bool:
    if "branches" in settings:
        return matches(event.branch, _list(settings["branches"]))
    if "branches-ignore" in settings:
        return not matches(event.branch, _list(settings["branches-ignore"]))
    # Who names only tags does not want branches.
    return not {"tags", "tags-ignore"} & set(settings)


def _paths_fit(event: Event, settings: Mapping[str, Any]) -> bool:
    if "paths" in settings:
        return any(matches(path, _list(settings["paths"])) for path in event.paths)
    if "paths-ignore" in settings:
        return any(not matches(path, _list(settings["paths-ignore"])) for path in event.paths)
    return True


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether the last pattern that fits `name` is one without ``!``."""
    found = False
    for pattern in patterns:
        if re.fullmatch(_regex(pattern.removeprefix("!")), name):
            found = not pattern.startswith("!")
    return found


def _regex(pattern: str) -> str:
    """The filter syntax: ``*`` stops at a slash, ``**`` does not; ``?`` and ``+`` repeat."""
    pieces = re.findall(r"\*\*/|\*\*|\*|\[[^\]]*\]|[?+]|.", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
    return "".join(
        meaning.get(piece, piece if len(piece) > 1 else re.escape(piece)) for piece in pieces
    )


def check_dispatch(event_type: str, client_payload: Mapping[str, Any]) -> None:
    """What POST /repos/{owner}/{repo}/dispatches checks.

    Raises:
        Refused: the type is empty or longer than 100 characters, or the payload has more than 10
            properties at its top, or more than 65,535 characters.
    """
    if not isinstance(event_type, str) or not 0 < len(event_type) <= TYPE_LENGTH:
        raise Refused(f"422: event_type must be a text of 1 to {TYPE_LENGTH} characters")
    if not isinstance(client_payload, Mapping):
        raise Refused("422: client_payload must be an object")
    if (count := len(client_payload)) > PROPERTIES:
        raise Refused(f"422: client_payload has {count} properties, at most {PROPERTIES} may be")
    if (length := len(json.dumps(client_payload))) > PAYLOAD_LENGTH:
        raise Refused(f"422: client_payload has {length} characters, at most {PAYLOAD_LENGTH} may")


def inputs(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, str]:
    """The inputs of a run started by hand, with defaults, as the event has them: all text.

    Raises:
        Refused: the workflow cannot be started by hand, or an input is missing, unknown or none of
            the options.
    """
    if "workflow_dispatch" not in workflow.triggers:
        raise Refused(f"422: workflow {workflow.file} does not have 'workflow_dispatch' trigger")
    known = workflow.triggers["workflow_dispatch"].get("inputs") or {}
    if unknown := sorted(set(given) - set(known)):
        raise Refused(f"422: Unexpected inputs provided: {unknown}")
    found = {}
    for name, settings in known.items():
        settings = settings or {}
        value = given.get(name, settings.get("default"))
        if settings.get("required") and value in (None, ""):
            raise Refused(f"422: Required input '{name}' not provided")
        options = settings.get("options")
        if options and value is not None and value not in options:
            raise Refused(f"422: Provided value '{value}' for input '{name}' not in {options}")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value or "")
    return found


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
