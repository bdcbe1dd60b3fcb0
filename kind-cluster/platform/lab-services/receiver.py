"""Stands in for Slack's incoming webhooks: takes messages, and lists those that it took."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

KEPT = 1000
PATIENCE = 600  # seconds, as everything waits: mlops_lab.core.waiting.LIMIT, which is not here
messages: list[dict] = []
arrived = threading.Condition()


class Handler(BaseHTTPRequestHandler):
    """POST /services/... takes a message like Slack does; GET /messages/WORD lists those with WORD.

    The list waits until there is at least one.
    """

    def do_POST(self) -> None:
        """Take a message; Slack refuses what is not JSON with a text."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            message = json.loads(body)
            message["text"]
        except (ValueError, KeyError, TypeError):
            self._answer(400, b"invalid_payload")
            return
        with arrived:
            messages.append(message)
            del messages[:-KEPT]
            arrived.notify_all()
        self._answer(200, b"ok")

    def do_GET(self) -> None:
        """List messages, oldest first."""
        if self.path == "/healthz":
            self._answer(200, b"ok")
            return
        word = unquote(self.path.rpartition("/")[2])
        with arrived:
            arrived.wait_for(lambda: self._with(word), timeout=PATIENCE)
            self._answer(200, json.dumps(self._with(word)).encode())

    def _with(self, word: str) -> list[dict]:
        return [message for message in messages if word in message["text"]]

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    # In the cluster without arguments; elsewhere with the address to listen on.
    host, port = sys.argv[1:] or ("", "8080")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
