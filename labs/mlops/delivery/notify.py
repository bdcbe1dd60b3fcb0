"""Tell people how a run ended: a message to Slack's incoming webhook, and a mail.

The outcome comes from the jobs, failures included, so this is the one step that always runs.
"""

import http.client
import json
import os
import smtplib
import sys
import urllib.error
import urllib.request
from email.message import EmailMessage
from typing import Any

from delivery.shell import need, output

SECONDS = 60  # until a receiver that does not answer is given up
SENDER, RECEIVER = "churn-ci@localhost", "churn-team@localhost"


def stopped(steps: dict[str, dict[str, Any]]) -> str:
    """The id of the step that failed, from GitHub's context `steps`; empty if none did."""
    return next((name for name, step in steps.items() if step["outcome"] == "failure"), "")


def summary(jobs: dict[str, dict[str, Any]]) -> tuple[bool, str]:
    """Whether all is well, and one line, from GitHub's context `needs`."""
    for name, job in jobs.items():
        if job["result"] in ("failure", "cancelled"):
            at = (job.get("outputs") or {}).get("stopped", "")
            return False, f"{job['result']} in {name}" + (f" at {at}" if at else "")
    done = [name for name, job in jobs.items() if job["result"] == "success"]
    skipped = [name for name, job in jobs.items() if job["result"] == "skipped"]
    line = f"success: {', '.join(done) or 'nothing to do'}"
    return True, line + (f"; skipped: {', '.join(skipped)}" if skipped else "")


def message(jobs: dict[str, dict[str, Any]]) -> tuple[bool, str]:
    """The text that people get: which workflow, which commit, how it ended, what was deployed."""
    good, line = summary(jobs)
    run = f"{need('GITHUB_WORKFLOW')} #{os.environ.get('GITHUB_RUN_ID', '?')}"
    text = f"{run} of {need('GITHUB_REPOSITORY')}@{need('GITHUB_SHA')[:12]}: {line}"
    outputs = [job.get("outputs") or {} for job in jobs.values()]
    for key in ("image", "commit", "config", "version"):
        if value := next((one[key] for one in outputs if one.get(key)), ""):
            text += f"\n{key}: {value}"
    return good, text


def to_slack(text: str) -> None:
    """Post to the webhook; its URL is a secret, so no error message shows it."""
    url, body = need("SLACK_WEBHOOK"), json.dumps({"text": text}).encode()
    try:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()
        raise SystemExit(f"Slack did not take the message: status {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise SystemExit(f"Slack did not take the message: {type(error).__name__}") from None


def to_mail(good: bool, text: str) -> None:
    """Send the same by mail; the subject alone says whether to get up."""
    mail = EmailMessage()
    mail["From"], mail["To"] = SENDER, RECEIVER
    mail["Subject"] = f"[{'ok' if good else 'FAILED'}] {text.splitlines()[0]}"
    mail.set_content(text)
    host, _, port = need("MAIL_SERVER").partition(":")
    with smtplib.SMTP(host, int(port), timeout=SECONDS) as server:
        server.send_message(mail)


def main() -> None:
    """`stopped` names the failed step of this job; `send` tells how all jobs went."""
    if sys.argv[1:] == ["stopped"]:
        output(stopped=stopped(json.loads(need("STEPS"))))
        return
    good, text = message(json.loads(need("JOBS")))
    print(text)
    try:
        to_slack(text)
    finally:
        to_mail(good, text)


if __name__ == "__main__":
    main()
