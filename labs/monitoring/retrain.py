"""Train again when an alert says so: `python retrain.py PORT COMMAND...` runs the command for each
webhook of Alertmanager with something that fires.

The format: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    """POST takes alerts; GET says that somebody is there."""

    def do_POST(self) -> None:
        """Answer, since Alertmanager does not wait for long, and run the command once."""
        group = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(200)
        if any(alert["status"] == "firing" for alert in group["alerts"]):
            subprocess.run(sys.argv[2:], check=False)  # what goes wrong is in this program's log

    def do_GET(self) -> None:
        """Answer that all is well."""
        self.answer(200)

    def answer(self, status: int) -> None:
        """A status, and nothing more."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
