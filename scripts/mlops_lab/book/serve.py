"""Serve the built book on this machine only."""

import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import HTML


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a line for every picture helps nobody."""


class Server(ThreadingHTTPServer):
    """Serves a folder on the loopback; `port` 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), functools.partial(_Quiet, directory=str(folder)))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who leaves a page while it loads is no error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve(port: int) -> None:
    """Serve until Ctrl-C.

    Raises:
        LabError: the port is taken.
    """
    try:
        server = Server(HTML, port)
    except OSError as error:
        raise LabError(f"port {port}: {error.strerror}; choose one with --port") from error
    print(f"http://127.0.0.1:{server.server_port}  (Ctrl-C ends it)", flush=True)
    with server:
        server.serve_forever()
