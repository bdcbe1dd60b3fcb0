"""What GitHub's REST API says about a repository's workflows and runs, as far as ``gh`` asks.

The fields are those of https://docs.github.com/en/rest/actions?apiVersion=2022-11-28. A job's id is
the run's with its place at the end, so that one leads to the other.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from mlops_lab.actions.queue import Handle
from mlops_lab.actions.result import StepResult
from mlops_lab.actions.runner import Runner
from mlops_lab.actions.workflow import Workflow

HOST = "http://github.localhost"
NO_ARTIFACTS = {"total_count": 0, "artifacts": []}
JOBS = 100  # more than a run has
STATES = {"waiting": "queued", "in progress": "in_progress", "completed": "completed"}


def repository(name: str) -> dict[str, Any]:
    """The repository itself."""
    owner, _, short = name.partition("/")
    return {
        "id": 1, "name": short, "full_name": name, "owner": {"login": owner},
        "default_branch": "main", "html_url": f"{HOST}/{name}",
    }  # fmt: skip


class Workflows:
    """The workflows of the default branch, with numbers that stay."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._numbers: dict[str, int] = {}

    def number(self, file: str) -> int:
        """The workflow's id."""
        return self._numbers.setdefault(file, len(self._numbers) + 1)

    def file(self, id: str) -> str:
        """The file that has this id, or nothing."""
        return next((file for file, number in self._numbers.items() if str(number) == id), "")

    def all(self) -> dict[str, Any]:
        """Every workflow."""
        found = [self._said(workflow) for workflow in self._runner.workflows().values()]
        return {"total_count": len(found), "workflows": found}

    def one(self, name: str) -> dict[str, Any]:
        """The workflow with this file name or id.

        Raises:
            KeyError: there is none.
        """
        return self._said(self._runner.workflows()[self.file(name) or name])

    def _said(self, workflow: Workflow) -> dict[str, Any]:
        return {
            "id": self.number(workflow.file), "name": workflow.name, "state": "active",
            "path": f".github/workflows/{workflow.file}",
        }  # fmt: skip


def runs(
    handles: Iterable[Handle], asked: Mapping[str, str], flows: Workflows, file: str = ""
) -> dict[str, Any]:
    """The newest runs that fit what is asked."""
    found = [run(handle, flows) for handle in handles if file in ("", handle.workflow)]
    wanted = {"event": asked.get("event"), "head_branch": asked.get("branch")}
    for name, value in wanted.items():
        found = [one for one in found if value in (None, "", one[name])]
    if status := asked.get("status"):
        found = [one for one in found if status in (one["status"], one["conclusion"])]
    return {"total_count": len(found), "workflow_runs": found[: int(asked.get("per_page", 30))]}


def run(handle: Handle, flows: Workflows) -> dict[str, Any]:
    """One run."""
    about, url = handle.about, f"/repos/lab/churn/actions/runs/{handle.about.id}"
    name = about.workflow.name if about.workflow else handle.workflow
    ended = handle.started + timedelta(seconds=handle.run.seconds if handle.run else 0)
    api = f"{HOST.replace('//', '//api.')}{url}"
    return {
        "id": int(about.id), "name": name, "event": about.event, "run_number": about.number,
        "display_title": about.message.splitlines()[0], "head_branch": about.branch,
        "head_sha": about.sha, "head_commit": {"id": about.sha, "message": about.message},
        "head_repository": repository("lab/churn"), "run_attempt": 1,
        "workflow_id": flows.number(handle.workflow),
        "path": f".github/workflows/{handle.workflow}",
        "status": STATES[handle.state], "conclusion": _conclusion(handle),
        "created_at": _time(about.created), "run_started_at": _time(about.created),
        "updated_at": _time(ended), "html_url": f"{HOST}/lab/churn/actions/runs/{about.id}",
        "url": api, "jobs_url": f"{api}/jobs", "logs_url": f"{api}/logs",
        "cancel_url": f"{api}/cancel",
    }  # fmt: skip


def _conclusion(handle: Handle) -> str | None:
    if handle.state != "completed":
        return None
    return handle.run.status if handle.run else "failure"


def jobs(handle: Handle) -> dict[str, Any]:
    """The jobs of a run, and their steps as far as they have ended."""
    found = [_job(handle, number, name) for number, name in enumerate(_names(handle))]
    return {"total_count": len(found), "jobs": found}


def _names(handle: Handle) -> list[str]:
    """The jobs as the file orders them, then those that only the run knows."""
    planned = handle.about.workflow.job_names() if handle.about.workflow else []
    return list(dict.fromkeys([*planned, *(step.job for step in steps(handle))]))


def steps(handle: Handle) -> list[StepResult]:
    """The steps that have ended, or all of them at the end."""
    return list(handle.run.steps) if handle.run else list(handle.steps)


def _job(handle: Handle, number: int, name: str) -> dict[str, Any]:
    mine = [step for step in steps(handle) if step.job == name]
    begun, shown = handle.started, []
    for place, step in enumerate(mine, 1):
        ended = begun + timedelta(seconds=step.seconds)
        result = "success" if step.ignored else step.result
        shown.append({
            "name": step.name, "number": place, "status": "completed", "conclusion": result,
            "started_at": _time(begun), "completed_at": _time(ended),
        })  # fmt: skip
        begun = ended
    done = handle.run.jobs.get(name, "skipped") if handle.run else None
    status = "completed" if done else "in_progress" if mine else "queued"
    return {
        "id": int(handle.about.id) * JOBS + number, "run_id": int(handle.about.id), "name": name,
        "status": status, "conclusion": done, "steps": shown,
        "started_at": _time(handle.started), "completed_at": _time(begun),
        "html_url": f"{HOST}/lab/churn/actions/runs/{handle.about.id}/job/{number}",
    }  # fmt: skip


def job_number(id: str) -> tuple[str, int]:
    """The run's id and the job's place, from the job's id."""
    return str(int(id) // JOBS), int(id) % JOBS


def annotations(found: tuple[Handle, int]) -> list[dict[str, Any]]:
    """What failed steps of a job said last: one line each, as on the run's page."""
    handle, number = found
    name = _names(handle)[number]
    failed = [s for s in steps(handle) if s.job == name and s.result == "failure" and s.lines]
    return [
        {"path": ".github", "start_line": 1, "annotation_level": "failure", "message": s.lines[-1]}
        for s in failed
    ]


def logs(handle: Handle) -> Response:
    """The logs as GitHub packs them: a folder for each job, a file for each step."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in _files(handle):
            archive.writestr(path, text)
    return Response(packed.getvalue(), media_type="application/zip")


def _files(handle: Handle) -> Iterator[tuple[str, str]]:
    for name in _names(handle):
        folder, begun = re.sub(r"[/:]", "", name), handle.started
        for place, step in enumerate((s for s in steps(handle) if s.job == name), 1):
            title = re.sub(r'[/:<>"|?*]', "", step.name)[:80]
            lines = (f"{_time(begun)[:-1]}.0000000Z {line}\n" for line in step.lines)
            yield f"{folder}/{place}_{title}.txt", "".join(lines)
            begun += timedelta(seconds=step.seconds)


def _time(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
