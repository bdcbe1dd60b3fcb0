"""A dead man's switch: `python deadman.py PORT SECONDS` takes a heartbeat by POST, and speaks up
in Slack when none has come for so many seconds. It knows nothing of Prometheus."""

import json
import os
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, patience = int(sys.argv[1]), float(sys.argv[2])
heard = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """POST is a heartbeat; GET says that the switch is there."""

    def do_POST(self) -> None:
        """Hear a heartbeat, whatever it says."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        heard.set()
        self.do_GET()

    def do_GET(self) -> None:
        """Answer that all is well."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def watch() -> None:
    """Wait for the first heartbeat, and from then on for the next, again and again."""
    heard.wait()
    while True:
        heard.clear()
        if not heard.wait(patience):
            say("DEADMAN: no heartbeat. Who watches is blind, or cannot speak.")
            heard.wait()
            say("DEADMAN: the heartbeat is back.")


def say(text: str) -> None:
    """Tell the channel."""
    body = json.dumps({"text": text}).encode()
    urllib.request.urlopen(os.environ["SLACK_URL"] + "/services/deadman", data=body)


threading.Thread(target=watch, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
