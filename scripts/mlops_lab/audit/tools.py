"""What zizmor, actionlint and check-jsonschema say about a workflow file."""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from mlops_lab.core.process import attempt, failure, run
from mlops_lab.toolchain.programs import program

# It asks for what is good style as well; the rows say which findings need it.
PERSONA = "pedantic"


class Finding(NamedTuple):
    """What a tool found: the rule's name, the tool's own severity, the line (1 is the first)."""

    rule: str
    severity: str
    line: int


def zizmor(path: Path, persona: str = PERSONA) -> list[Finding]:
    """Audit one workflow without a network; what a comment in the file allows is left out.

    Raises:
        LabError: the file cannot be read as a workflow.
    """
    options = ["--offline", "--quiet", "--no-progress", "--no-exit-codes", "--no-config"]
    found = _json(_own("zizmor"), *options, "--persona", persona, "--format", "json", path)
    return sorted(
        Finding(one["ident"], one["determinations"]["severity"], _line(one))
        for one in found
        if not one["ignored"]
    )


def _line(finding: dict[str, Any]) -> int:
    primary = next(at for at in finding["locations"] if at["symbolic"]["kind"] == "Primary")
    return int(primary["concrete"]["location"]["start_point"]["row"]) + 1


def actionlint(path: Path) -> list[Finding]:
    """Lint one workflow as part of its project.

    actionlint finds its configuration and called workflows relative to the git repository, so the
    project's .github goes into a repository of its own.
    """
    with tempfile.TemporaryDirectory() as scratch:
        inside = Path(scratch) / ".github"
        workflows = inside / "workflows"
        workflows.mkdir(parents=True)
        settings = path.parents[1] / "actionlint.yaml"
        if settings.exists():
            shutil.copy(settings, inside)
        for other in path.parent.glob("*.yml"):
            shutil.copy(other, workflows)
        run("git", "init", "--quiet", scratch)
        tool = program("actionlint")
        # Without the two linters that it uses when they happen to be there.
        options = ["-shellcheck=", "-pyflakes=", "-format", "{{json .}}"]
        found = _json(tool, *options, workflows / path.name)
    return sorted(Finding(one["kind"], "error", int(one["line"])) for one in found)


def schema(path: Path) -> list[Finding]:
    """Compare one workflow with GitHub's JSON schema, as packaged with check-jsonschema.

    A schema knows no lines: the rule is the place of the value that fits least, the line is 0.
    """
    options = ["--builtin-schema", "vendor.github-workflows", "--output-format", "json"]
    report = _json(_own("check-jsonschema"), *options, path)
    wrong = [Finding(_deepest(one), "error", 0) for one in report["errors"]]
    return sorted(wrong + [Finding("yaml", "error", 0) for _ in report.get("parse_errors", [])])


def _deepest(error: dict[str, Any]) -> str:
    return str(error.get("best_deep_match", error)["path"])


def findings(path: Path) -> dict[str, list[Finding]]:
    """What each of the three tools finds in one workflow."""
    return {"zizmor": zizmor(path), "actionlint": actionlint(path), "schema": schema(path)}


def _own(name: str) -> Path:
    """A program of this Python environment."""
    return Path(sys.executable).parent / name


def _json(*command: str | Path) -> Any:
    done = attempt(*command)  # these tools fail when they find something
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise failure(done) from None
