"""What a typographic quotation mark does to a workflow, asked of every tool."""

import subprocess
from pathlib import Path

import yaml

from mlops_lab import audit

WORKFLOW = """\
on:
  push:
    branches: [BRANCH]
jobs:
  build:
    name: NAME
    runs-on: ubuntu-24.04
    timeout-minutes: TIME
    steps:
      - run: RUN
"""
GOOD = {"BRANCH": "main", "NAME": "build", "TIME": "5", "RUN": "make test"}
CASES = {
    "around a value": {"NAME": "“build”"},
    "around a value with a colon": {"NAME": "“build: all”"},
    "only at its end": {"NAME": '"build”'},
    "around a branch": {"BRANCH": "“main”"},
    "around a number": {"TIME": "“5”"},
    "in a shell line": {"RUN": "echo “two  words”"},
    "around a parenthesis in a shell line": {"RUN": "echo “done (all)”"},
}


def verdicts(change: dict[str, str], file: Path) -> dict[str, bool]:
    """Whether PyYAML, the schema, actionlint and `bash -n` take the workflow."""
    text = WORKFLOW
    for name, value in {**GOOD, **change}.items():
        text = text.replace(name, value)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = {"yaml": True, "schema": not audit.schema(file)}
    found["actionlint"] = not audit.actionlint(file)
    try:
        run = yaml.safe_load(text)["jobs"]["build"]["steps"][0]["run"]
    except yaml.YAMLError:
        # Then there is no shell line to look at.
        return found | {"yaml": False}
    syntax = subprocess.run(["bash", "-n", "-c", run], capture_output=True)
    return found | {"bash -n": syntax.returncode == 0}


def curly_quote() -> None:
    """A curly quote is an ordinary letter to YAML and to bash: sometimes an error, mostly worse."""
    found = {}
    for name, change in CASES.items():
        found[name] = verdicts(change, Path(".github/workflows/curly.yml"))
        print(f"{name}:", ", ".join(f"{tool} {_said(ok)}" for tool, ok in found[name].items()))
    assert not any(found["around a value with a colon"].values())
    # No tool minds these, and they are the ones that hurt: a branch that no push ever has, an
    # argument that is split.
    for silent in ("around a value", "around a branch", "in a shell line"):
        assert all(found[silent].values())
    said = subprocess.run(["bash", "-c", "echo “two  words”"], capture_output=True, text=True)
    print("bash prints:", said.stdout.strip())
    assert said.stdout == "“two words”\n"


def _said(ok: bool) -> str:
    return "takes it" if ok else "refuses"
