"""The servers that a lab may name: mail, slack and the issuer, as services."""

import json
import os
import smtplib
import sys
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from conftest import serving
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import mail
from mlops_lab.services import supervisor as services
from mlops_lab.services.definitions import resolve
from mlops_lab.services.supervisor import Supervisor


@pytest.fixture
def url() -> Iterator[str]:
    with serving(mail.app()) as url:
        yield url


def get(url: str) -> str:
    return httpx.get(url, timeout=LIMIT).raise_for_status().text


def send(server: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "ci@example.com", "a@example.com"
    message.set_content(text)
    with smtplib.SMTP(server, timeout=LIMIT) as client:
        client.send_message(message, to_addrs=["a@example.com", "b@example.com"])


def test_mail_is_kept_and_shown(url: str) -> None:
    smtp = get(f"{url}/server")
    send(smtp, "churn 17 is live — all good", "The model answers.\nReally.")
    send(smtp, "another", "Also churn 17.")
    first, second = json.loads(get(f"{url}/messages/churn%2017?count=2"))
    assert first == {
        "from": "ci@example.com",
        "to": ["a@example.com", "b@example.com"],
        "subject": "churn 17 is live — all good",
        "text": "The model answers.\nReally.",
    }
    assert second["subject"] == "another"
    assert httpx.get(f"{url}/elsewhere").status_code == 404


def test_who_asks_early_waits_for_the_message(url: str) -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(get(f"{url}/messages/late")))
    thread.start()
    send(get(f"{url}/server"), "late", "but there")
    thread.join()
    assert json.loads(found[0])[0]["text"] == "but there"


def test_the_services_start_and_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LOGS", tmp_path / "logs")
    monkeypatch.setenv("PATH", f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")
    for name in ("SLACK_URL", "MAIL_URL", "OIDC_URL"):
        monkeypatch.setenv(name, "")
    supervisor = Supervisor(tmp_path / "running", "test")
    try:
        supervisor.start(resolve(["slack", "mail", "oidc"]))
        supervisor.wait()
        urls = {name: running.url for name, running in supervisor.running.items()}
        hook = f"{urls['slack']}/services/T/B/x"
        assert httpx.post(hook, json={"text": "churn is live"}).text == "ok"
        assert json.loads(get(f"{urls['slack']}/messages/is%20live")) == [{"text": "churn is live"}]
        send(get(f"{urls['mail']}/server"), "hello", "you")
        assert json.loads(get(f"{urls['mail']}/messages/hello"))[0]["text"] == "you"
        assert "keys" in json.loads(get(f"{urls['oidc']}/.well-known/jwks"))
        assert httpx.post(hook, json={}).status_code == 400
    finally:
        supervisor.stop()
