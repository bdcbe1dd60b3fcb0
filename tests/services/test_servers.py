"""The servers that a lab may name: mail, slack and the issuer, as services."""

import json
import os
import smtplib
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import supervisor as services
from mlops_lab.services.entries import resolve
from mlops_lab.services.mail import Server
from mlops_lab.services.supervisor import Supervisor


@pytest.fixture
def mail() -> Iterator[Server]:
    server = Server(0)
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.close()
    thread.join()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=LIMIT) as answer:
        return answer.read().decode()


def send(server: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "ci@example.com", "a@example.com"
    message.set_content(text)
    with smtplib.SMTP(server, timeout=LIMIT) as client:
        client.send_message(message, to_addrs=["a@example.com", "b@example.com"])


def test_mail_is_kept_and_shown(mail: Server) -> None:
    url = f"http://127.0.0.1:{mail.http.server_port}"
    assert get(f"{url}/server") == mail.smtp
    send(mail.smtp, "churn 17 is live — all good", "The model answers.\nReally.")
    send(mail.smtp, "another", "Also churn 17.")
    first, second = json.loads(get(f"{url}/messages/churn%2017?count=2"))
    assert first == {
        "from": "ci@example.com",
        "to": ["a@example.com", "b@example.com"],
        "subject": "churn 17 is live — all good",
        "text": "The model answers.\nReally.",
    }
    assert second["subject"] == "another"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{url}/elsewhere")


def test_who_asks_early_waits_for_the_message(mail: Server) -> None:
    found: list[str] = []
    url = f"http://127.0.0.1:{mail.http.server_port}/messages/late"
    thread = threading.Thread(target=lambda: found.append(get(url)))
    thread.start()
    send(mail.smtp, "late", "but there")
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
        body = json.dumps({"text": "churn is live"}).encode()
        assert get_posted(f"{urls['slack']}/services/T/B/x", body) == "ok"
        assert json.loads(get(f"{urls['slack']}/messages/is%20live")) == [{"text": "churn is live"}]
        send(get(f"{urls['mail']}/server"), "hello", "you")
        assert json.loads(get(f"{urls['mail']}/messages/hello"))[0]["text"] == "you"
        assert "keys" in json.loads(get(f"{urls['oidc']}/.well-known/jwks"))
        with pytest.raises(urllib.error.HTTPError, match="400"):
            get_posted(f"{urls['slack']}/services/T/B/x", b"{}")
    finally:
        supervisor.stop()


def get_posted(url: str, body: bytes) -> str:
    with urllib.request.urlopen(url, body, timeout=LIMIT) as answer:
        return answer.read().decode()
