"""A mail server that delivers nothing: it keeps each message and serves them as JSON.

    GET /server                     ``host:port`` to which mail goes, by SMTP
    GET /messages/WORD?count=N      the messages with the word in their subject or text, oldest
                                    first; waits until there are N, by default 1

The SMTP port is any that is free.
"""

import argparse
import email.policy
import json
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtpd.controller import Controller
from port_for import get_port

from mlops_lab.core.waiting import LIMIT

HERE = "127.0.0.1"


class Box:
    """The messages, for SMTP to fill and HTTP to show."""

    def __init__(self) -> None:
        self._messages: list[dict[str, Any]] = []
        self._arrived = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Called by aiosmtpd with each message."""
        parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        body = parsed.get_body(("plain", "html"))
        message = {
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "subject": str(parsed.get("Subject", "")),
            "text": body.get_content().rstrip("\r\n").replace("\r\n", "\n") if body else "",
        }
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()
        return "250 Message accepted for delivery"

    def wait(self, word: str, count: int) -> list[dict[str, Any]]:
        """The messages with the word, once there are as many, or at the limit as they are."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._with(word)) >= count, timeout=LIMIT)
            return self._with(word)

    def _with(self, word: str) -> list[dict[str, Any]]:
        return [m for m in self._messages if word in m["subject"] or word in m["text"]]


class Handler(BaseHTTPRequestHandler):
    """The two addresses of this module's docstring."""

    box: Box
    smtp: str

    def do_GET(self) -> None:
        """Say where mail goes, or show what came."""
        asked = urlsplit(self.path)
        if asked.path == "/server":
            self._answer(200, self.smtp.encode())
        elif asked.path.startswith("/messages/"):
            count = int(parse_qs(asked.query).get("count", ["1"])[0])
            found = self.box.wait(unquote(asked.path.removeprefix("/messages/")), count)
            self._answer(200, json.dumps(found).encode())
        else:
            self._answer(404, b"Not Found")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server:
    """Both servers, on 127.0.0.1; `smtp` is ``host:port``."""

    def __init__(self, port: int) -> None:
        self._box = Box()
        number = get_port(None)
        assert number
        self._controller = Controller(self._box, hostname=HERE, port=number)
        self._controller.start()
        self.smtp = f"{HERE}:{number}"
        handler = type("MailHandler", (Handler,), {"box": self._box, "smtp": self.smtp})
        self.http = ThreadingHTTPServer((HERE, port), handler)

    def close(self) -> None:
        """Stop both."""
        self.http.shutdown()
        self.http.server_close()
        self._controller.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    Server(parser.parse_args().port).http.serve_forever()
