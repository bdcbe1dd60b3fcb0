"""Serve the built book on this machine only."""

import functools
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from mlops_lab.errors import LabError
from mlops_lab.paths import HTML


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a line for every picture helps nobody."""


def serve(port: int) -> None:
    """Serve until Ctrl-C.

    Raises:
        LabError: the port is taken.
    """
    handler = functools.partial(_Quiet, directory=str(HTML))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise LabError(f"port {port}: {error.strerror}; choose one with --port") from error
    print(f"http://127.0.0.1:{server.server_port}  (Ctrl-C ends it)", flush=True)
    with server:
        server.serve_forever()
