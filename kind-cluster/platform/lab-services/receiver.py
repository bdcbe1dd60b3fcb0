"""Stands in for Slack's incoming webhooks: takes messages, and lists those that it took."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEPT = 1000
messages: list[dict] = []


class Handler(BaseHTTPRequestHandler):
    """POST /services/... takes a message like Slack does; GET /messages lists them."""

    def do_POST(self) -> None:
        """Take a message; Slack refuses what is not JSON with a text."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            message = json.loads(body)
            message["text"]
        except (ValueError, KeyError, TypeError):
            self._answer(400, b"invalid_payload")
            return
        messages.append(message)
        del messages[:-KEPT]
        self._answer(200, b"ok")

    def do_GET(self) -> None:
        """List the messages, oldest first."""
        self._answer(200, b"ok" if self.path == "/healthz" else json.dumps(messages).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
