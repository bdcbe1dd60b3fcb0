"""What people are told at the end of a run: labs/mlops/delivery/notify.py."""

import http.server
import json
import secrets
import sys
from collections.abc import Iterator
from email import message_from_string
from email.policy import default

import port_for
import pytest
from aiosmtpd.controller import Controller
from delivery import notify

from conftest import answering

DIGEST = f"registry.example.com/mlops/churn@sha256:{'0123456789abcdef' * 4}"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No workflow around."""
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)


def jobs(**results: str) -> dict[str, dict[str, object]]:
    return {name: {"result": result, "outputs": {}} for name, result in results.items()}


@pytest.mark.parametrize(
    ("results", "good", "line"),
    [
        ({"check": "success", "build": "success"}, True, "success: check, build"),
        ({"retrain": "success", "deploy": "skipped"}, True, "success: retrain; skipped: deploy"),
        ({"check": "failure", "build": "skipped"}, False, "failure in check"),
        ({"check": "success", "build": "cancelled"}, False, "cancelled in build"),
    ],
)
def test_the_summary_of_each_outcome(results, good: bool, line: str) -> None:
    assert notify.summary(jobs(**results)) == (good, line)


def test_the_summary_names_the_step_that_failed() -> None:
    steps = {"test": {"outcome": "success"}, "gate": {"outcome": "failure"}}
    name = notify.stopped(steps)
    failed = {"build": {"result": "failure", "outputs": {"stopped": name}}}
    assert notify.summary(failed) == (False, "failure in build at gate")
    assert notify.stopped({"test": {"outcome": "success"}}) == ""


class Slack(http.server.BaseHTTPRequestHandler):
    """Takes messages, unless the path is /refuse."""

    got: list[dict[str, str]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        good = self.headers["Content-Type"] == "application/json" and "refuse" not in self.path
        self.send_response(200 if good else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slack() -> Iterator[str]:
    """The address of a stand-in for Slack."""
    Slack.got.clear()
    with answering(http.server.HTTPServer(("127.0.0.1", 0), Slack)) as url:
        yield url


class Mailbox:
    """Keeps what comes in."""

    def __init__(self) -> None:
        self.got: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope) -> str:
        self.got.append(envelope.content.decode())
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[str]]]:
    """The address of a mail server, and what came in."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port_for.select_random())
    controller.start()
    yield f"127.0.0.1:{controller.port}", box.got
    controller.stop()


def send(outcome: dict, webhook: str, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "JOBS": json.dumps(outcome), "SLACK_WEBHOOK": webhook, "MAIL_SERVER": server,
        "GITHUB_WORKFLOW": "ci", "GITHUB_REPOSITORY": "team/churn",
        "GITHUB_SHA": "0123456789abcdef",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["notify", "send"])
    notify.main()


@pytest.mark.parametrize(
    ("result", "subject"),
    [
        ("success", "[ok] ci #7 of team/churn@0123456789ab: success: build"),
        ("failure", "[FAILED] ci #7 of team/churn@0123456789ab: failure in build"),
    ],
)
def test_slack_and_mail_get_the_same_text(
    slack: str, mailbox, monkeypatch: pytest.MonkeyPatch, result: str, subject: str
) -> None:
    outcome = {"build": {"result": result, "outputs": {"image": DIGEST}}}
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    send(outcome, slack, mailbox[0], monkeypatch)
    mail = message_from_string(mailbox[1][0], policy=default)
    assert mail["Subject"] == subject
    assert Slack.got[0]["text"].splitlines() == mail.get_content().splitlines()
    assert Slack.got[0]["text"].splitlines()[1] == f"image: {DIGEST}"


@pytest.mark.parametrize("broken", ["closed port", "status 500", "no scheme", "a space"])
def test_no_error_shows_the_address_of_the_webhook(
    slack: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    secret = secrets.token_hex(12)
    monkeypatch.setenv("SLACK_WEBHOOK", {
        "closed port": f"http://127.0.0.1:9/{secret}",
        "status 500": f"{slack}/refuse/{secret}",
        "no scheme": f"hooks.example.com/{secret}",
        "a space": f"{slack}/{secret} {secret}",
    }[broken])  # fmt: skip
    with pytest.raises(SystemExit, match="Slack did not take the message") as error:
        notify.to_slack("hello")
    assert secret not in str(error.value)
    assert error.value.__suppress_context__


def test_the_mail_goes_out_when_slack_is_down(mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="Slack did not take the message"):
        send(jobs(build="failure"), "http://127.0.0.1:9/", mailbox[0], monkeypatch)
    assert "failure in build" in mailbox[1][0]
