"""The stand-in for GitHub, asked by gh and git as a person would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from mlops_lab.actions.github import REPOSITORY
from mlops_lab.actions.standins import stand_ins
from mlops_lab.services.definitions import catalog
from mlops_lab.services.supervisor import Supervisor

CI = """\
name: CI
on:
  push: {branches: [main]}
  workflow_dispatch: {inputs: {who: {default: nobody}}}
  repository_dispatch: {types: [new-data]}
  schedule: [{cron: "0 2 * * *"}]
jobs:
  check:
    name: Check it
    runs-on: ubuntu-24.04
    steps:
      - name: Say hello
        run: echo "hello ${{ vars.NAME }} ${{ inputs.who }} ${{ github.event.client_payload.n }}"
      - name: Want a secret
        run: |
          [ -n "$WORD" ] || { echo "no secret"; exit 3; }
          echo "the word is $WORD"
        env: {WORD: "${{ secrets.WORD }}"}
  bot:
    needs: check
    runs-on: ubuntu-24.04
    steps:
      - uses: USES
      - run: |
          git commit --quiet --allow-empty --message "By the bot"
          git push --quiet origin HEAD:main
"""


class Desk(NamedTuple):
    """A clone, and a shell in it that has what a lab exports."""

    clone: Path
    env: dict[str, str]

    def call(self, *command: str, fails: bool = False) -> str:
        done = subprocess.run(command, cwd=self.clone, env=self.env, capture_output=True, text=True)
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def runs(self) -> list[dict[str, str]]:
        """All runs, the newest first, when each has ended."""
        fields = "databaseId,event,status,conclusion"
        found = json.loads(self.call("gh", "run", "list", "--json", fields))
        for run in found:
            if run["status"] != "completed":
                self.call("gh", "run", "watch", str(run["databaseId"]), "--interval", "1")
        return json.loads(self.call("gh", "run", "list", "--json", fields))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty repository at the stand-in, and a clone with one commit that is not pushed."""
    bare, clone = tmp_path / "origin.git", tmp_path / "clone"
    file = clone / ".github/workflows/ci.yml"
    file.parent.mkdir(parents=True)
    uses = next(
        one.uses for one in stand_ins().values() if one.uses.startswith("actions/checkout@")
    )
    file.write_text(CI.replace("USES", uses), encoding="utf-8")
    supervisor = Supervisor(tmp_path / "running", "test")
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    try:
        subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
        supervisor.start([catalog()["github"]], folder=str(tmp_path))
        desk = Desk(clone, {**os.environ, **supervisor.exports, "PATH": path})
        for command in (
            "git init --quiet", "git add .", "git commit --quiet --message First",
            f"git remote add origin {bare}",
        ):  # fmt: skip
            desk.call(*command.split())
        supervisor.wait()
        yield desk
    finally:
        supervisor.stop()


def test_a_push_runs_and_a_failure_is_found(desk: Desk) -> None:
    desk.call("gh", "variable", "set", "NAME", "--body", "Ada")
    assert "of ci.yml" in desk.call("git", "push", "origin", "main")
    (run,) = desk.runs()
    assert (run["event"], run["conclusion"]) == ("push", "failure")
    id = str(run["databaseId"])
    assert "X Want a secret" in desk.call("gh", "run", "view", id)
    log = desk.call("gh", "run", "view", id, "--log-failed")
    assert "no secret" in log
    assert "hello" not in log
    assert "hello Ada" in desk.call("gh", "run", "view", id, "--log")
    desk.call("gh", "run", "view", id, "--exit-status", fails=True)


def test_a_secret_is_used_and_not_told(desk: Desk) -> None:
    desk.call("gh", "secret", "set", "WORD", "--body", "xyzzy-17")
    assert desk.call("gh", "secret", "list").split()[0] == "WORD"
    desk.call("git", "push", "--quiet", "origin", "main")
    (run,) = desk.runs()
    id = str(run["databaseId"])
    assert run["conclusion"] == "success", desk.call("gh", "run", "view", id, "--log-failed")
    assert "the word is ***" in desk.call("gh", "run", "view", id, "--log")
    # What a run pushes starts nothing: there is still one run, and two commits.
    desk.call("git", "fetch", "--quiet")
    assert "By the bot" in desk.call("git", "log", "--format=%s", "origin/main")
    assert len(desk.runs()) == 1


def test_dispatches_and_the_clock(desk: Desk) -> None:
    desk.call("git", "push", "--quiet", "origin", "main")
    desk.call("gh", "workflow", "run", "ci.yml", "--ref", "main", "--field", "who=you")
    path = "repos/{owner}/{repo}/dispatches"
    sent = ("--field", "event_type=new-data", "--field", "client_payload[n]=42")
    desk.call("gh", "api", path, *sent)
    url = desk.env["GITHUB_URL"]
    events = [run["event"] for run in desk.runs()]
    assert events == ["repository_dispatch", "workflow_dispatch", "push"]
    logs = [desk.call("gh", "run", "view", str(r["databaseId"]), "--log") for r in desk.runs()]
    assert "hello   42" in logs[0]
    assert "hello  you" in logs[1]
    assert httpx.post(f"{url}/_clock", data={"now": "nonsense"}).status_code == 422
    assert httpx.get(f"{url}/repos/{REPOSITORY}").json()["default_branch"] == "main"
    assert "ci.yml" in httpx.get(f"{url}/_clock").text
    # A night passes.
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert "of ci.yml" in httpx.post(f"{url}/_clock", data={"now": tomorrow}).text
    assert desk.runs()[0]["event"] == "schedule"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("gh", "api", "repos/{owner}/{repo}/dispatches", "-f", "event_type="), "422"),
        (("gh", "run", "view", "17"), "404"),
        (("gh", "variable", "get", "NONE"), "not found"),
        (("gh", "workflow", "run", "no.yml", "--ref", "main"), "404"),
    ],
)
def test_wrong_questions_get_github_s_answers(
    desk: Desk, command: tuple[str, ...], told: str
) -> None:
    desk.call("git", "push", "--quiet", "origin", "main")
    assert told in desk.call(*command, fails=True)
