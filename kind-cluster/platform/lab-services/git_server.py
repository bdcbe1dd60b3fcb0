"""git over HTTP with git's own backend; a repository is made when it is first asked for.

There is no password: only who can reach the cluster's API can reach it.
"""

import os
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path("/data")
BACKEND = ["git", "http-backend"]


class Handler(BaseHTTPRequestHandler):
    """Hands requests to git http-backend, as its manual page says a web server should."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve refs and objects."""
        if self.path == "/healthz":
            self._answer(200, [], b"ok\n")
        else:
            self._git()

    def do_POST(self) -> None:
        """Serve fetches and pushes."""
        self._git()

    def do_DELETE(self) -> None:
        """Drop a repository; a lab does so when it begins anew."""
        subprocess.run(["rm", "-rf", str(self._repository())], check=True)
        self._answer(204, [], b"")

    def _git(self) -> None:
        url, repository = urlsplit(self.path), self._repository()
        if not repository.exists():
            subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
            for name, value in (("http.receivepack", "true"), ("receive.denyDeletes", "true")):
                subprocess.run(["git", "-C", str(repository), "config", name, value], check=True)
            head = ["symbolic-ref", "HEAD", "refs/heads/main"]
            subprocess.run(["git", "-C", str(repository), *head], check=True)
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(ROOT),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            BACKEND, input=self._body(), stdout=subprocess.PIPE, env=environment, check=True
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((int(v.split()[0]) for k, v in headers if k == "Status"), 200)
        self._answer(status, [(k, v) for k, v in headers if k != "Status"], body)

    def _repository(self) -> Path:
        name = urlsplit(self.path).path.split("/")[1]
        if not name.endswith(".git") or name.startswith("."):
            raise ValueError(f"not a repository: {name}")
        return ROOT / name

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
