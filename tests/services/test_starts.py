"""How services start: a first answer may take long, a start that fails is made once more."""

import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import yaml

from conftest import TINY, Mini, Started
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import readiness, running
from mlops_lab.services import supervisor as services
from mlops_lab.services.definitions import resolve
from mlops_lab.services.readiness import READY, Answer, became
from mlops_lab.services.running import attach
from mlops_lab.services.supervisor import Supervisor

# Answers PUT as its path says, when the pipe `gate` (if there is one) has been opened at the other
# end; anything else with $TINY_URL. Notes what it is asked in the file `asked`.
SERVER = """
import http.server, os, sys
from pathlib import Path

port, folder = int(sys.argv[1]), Path(sys.argv[2])

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        with (folder / "asked").open("a") as file:
            print(self.command, self.path, file=file)
        if (folder / "began").exists() and self.command in sys.argv[3:]:
            (folder / "began").write_text("asked")
            (folder / "gate").read_text()
        text = b"no room" if "500" in self.path else os.environ.get("TINY_URL", "").encode()
        self.send_response(500 if "500" in self.path else 200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    do_GET = do_PUT = answer

http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
# Says its port, waits, and dies at its first start; works at the second.
ONCE = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[2])
if not (folder / "tried").exists():
    (folder / "tried").touch()
    print("no luck", flush=True)
    if (folder / "began").exists():
        (folder / "began").write_text(sys.argv[1])
        (folder / "gate").read_text()
    raise SystemExit(3)
server = str(Path(__file__).with_name("server.py"))
os.execv(sys.executable, [sys.executable, server, *sys.argv[1:]])
"""
NEVER = "import sys; print('no luck'); sys.exit(3)"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Where the programs are, and what they write."""
    for name, text in (("server", SERVER), ("once", ONCE), ("never", NEVER)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def entry(here: Path, program: str = "server", *options: str, **more: object) -> dict[str, object]:
    """A service that runs this program."""
    words = [f"'{here / program}.py'", "{port}", f"'{here}'", *options]
    return {**TINY, "command": " ".join(["python", *words]), **more}


def gates(here: Path) -> None:
    """The two pipes with which a test holds a program up."""
    for name in ("began", "gate"):
        os.mkfifo(here / name)


Start = Callable[..., Supervisor]


@pytest.fixture
def start(here: Path, monkeypatch: pytest.MonkeyPatch):
    """Starts services, given as entries, in a supervisor of this process."""
    monkeypatch.setenv("LAB_EXTRA_SERVICES", str(here / "services.yml"))
    monkeypatch.setattr(services, "LOGS", here / "logs")
    monkeypatch.setenv("TINY_URL", "")
    monkeypatch.setenv("PATH", f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")
    supervisor = Supervisor(here / "running", "test")

    def begin(**entries: dict[str, object]) -> Supervisor:
        (here / "services.yml").write_text(yaml.safe_dump(entries))
        supervisor.start(resolve(entries))
        return supervisor

    yield begin
    supervisor.stop()


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_first_answer_may_take_long(
    start: Start, here: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else a GET may be asked again on a machine that is busy enough.
    monkeypatch.setattr(readiness, "PATIENCE", LIMIT)
    gates(here)
    supervisor = start(tiny=entry(here, "server", method, on_ready=["PUT /bucket"]))
    assert (here / "began").read_text() == "asked"
    # There is no event: this is longer than any answer that is not held up takes.
    threading.Event().wait(2.5)
    (here / "began").unlink()
    (here / "gate").write_text("")
    supervisor.wait()
    assert (here / "asked").read_text() == "GET /\nPUT /bucket\n"
    assert supervisor.running["tiny"].before == ""


def test_what_is_not_answered_is_asked_again_more_patiently(monkeypatch) -> None:
    asked: list[tuple[str, float]] = []

    def ask(method: str, url: str, patience: float) -> Answer:
        asked.append((f"{method} {url}", round(patience)))
        return Answer(0, late=True) if len(asked) < 3 else Answer(200)

    monkeypatch.setattr(readiness, "ask", ask)
    assert became("http://x", "/y", ("PUT /z",), 100, lambda: True) == READY
    assert asked[:3] == [("GET http://x/y", 10), ("GET http://x/y", 20), ("GET http://x/y", 40)]
    # What may not be made twice without need has all the time that is left.
    assert asked[3:] == [("PUT http://x/z", pytest.approx(100, abs=50))]


def test_a_refusal_is_told_with_status_and_body(start: Start, here: Path) -> None:
    supervisor = start(tiny=entry(here, on_ready=["PUT /500"]))
    told = r"service tiny refused PUT /500 with status 500: no room, twice: python "
    with pytest.raises(LabError, match=told):
        supervisor.wait()
    assert list(supervisor.failed()) == ["tiny"]
    assert supervisor.dead() == []


def test_the_second_start_has_a_fresh_folder_and_both_logs(start: Start, here: Path) -> None:
    supervisor = start(tiny=entry(here, "once"))
    first = supervisor.running["tiny"]
    works = first.wait()
    assert works == supervisor.running["tiny"]
    assert works.url == first.url  # others have been told of it
    assert (works.before, works.log) == (first.log, str(here / "logs/test.tiny.2.log"))
    assert Path(first.log).read_text() == "no luck\n"
    assert (here / "running/tiny.2").is_dir()
    assert supervisor.failed() == {}


def test_a_second_start_elsewhere_is_seen_by_all(start: Start, here: Path) -> None:
    gates(here)
    exports = {"TINY_URL": "http://127.0.0.1:{port}"}
    supervisor = start(tiny=entry(here, "once", exports=exports), needy=entry(here, needs=["tiny"]))
    running.write(here / "services.json", supervisor.running.values())
    before = attach(here / "services.json")
    assert before["tiny"].exports["TINY_URL"] == before["tiny"].url
    # While the first start is about to fail, somebody else takes its port.
    port = int((here / "began").read_text())
    with socket.create_server(("127.0.0.1", port)):
        (here / "gate").write_text("")
        works = before["tiny"].wait()
    assert works.url not in ("", before["tiny"].url)
    assert works.exports["TINY_URL"] == works.url == supervisor.exports["TINY_URL"]
    # Who needs it has been started anew, to know where it is.
    assert httpx.get(before["needy"].wait().url, timeout=LIMIT).text == works.url
    assert attach(here / "services.json") == supervisor.running


def test_who_needs_what_did_not_start_is_not_blamed(start: Start, here: Path) -> None:
    supervisor = start(tiny=entry(here, "never"), needy=entry(here, needs=["tiny"]))
    with pytest.raises(LabError, match="service needy cannot work without tiny, which did not"):
        supervisor.running["needy"].wait()
    ((name, why),) = supervisor.failed().items()
    assert name == "tiny"
    assert "service tiny died before it was ready, twice: python" in why
    assert "test.tiny.log" in why
    assert "test.tiny.2.log" in why


def test_what_is_stopped_while_it_starts_is_not_started_again(start: Start, here: Path) -> None:
    gates(here)
    supervisor = start(tiny=entry(here, "server", "GET"))
    assert (here / "began").read_text() == "asked"
    told = supervisor._told["tiny"]
    supervisor.stop()
    assert told.result(LIMIT) == ""
    assert not (here / "running/tiny.2").exists()


def test_a_dead_supervisor_keeps_nobody_waiting(start: Start, here: Path) -> None:
    gates(here)
    one = start(tiny=entry(here, "server", "GET")).running["tiny"]
    with Started(["true"]) as keeper:
        pass
    orphan = running.Running(**{**vars(one), "keeper": keeper.pid})
    with pytest.raises(LabError, match="the supervisor of service tiny died"):
        orphan.wait()


def test_whoever_watches_a_start_tells_how_it_went_whatever_happens(
    start: Start, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise OSError("no room")

    monkeypatch.setattr(services, "became", broken)
    with pytest.raises(LabError, match="service tiny could not be started: no room"):
        start(tiny=entry(here)).running["tiny"].wait()


def test_an_answer_that_breaks_off_is_none() -> None:
    head = b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nno"
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        answer = pool.submit(readiness.ask, "GET", address, LIMIT)
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            connection.sendall(head)
            # Closing resets the connection.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert answer.result(LIMIT).status == 0


def report(mini: Mini) -> dict:
    return json.loads((mini.root / "build/report.json").read_text())


def test_labs_do_not_notice_a_second_start(mini: Mini, here: Path) -> None:
    mini.services({"tiny": entry(here, "once")})
    mini.lab("01-one", "print(lab.services['tiny'].before)", services=("tiny",))
    done = mini.call("run", "--no-book")
    assert done.returncode == 0, done.stdout
    assert "services" not in report(mini)
    assert (mini.root / ".lab/logs/run.tiny.log").read_text() == "no luck\n"


def test_only_labs_that_need_it_fail_and_the_reason_is_told_once(mini: Mini, here: Path) -> None:
    mini.services({"tiny": entry(here, "never"), "needy": entry(here, needs=["tiny"])})
    mini.lab("01-one", services=("tiny",))
    mini.lab("02-two", services=("needy",))
    mini.lab("03-free", "print(1)")
    done = mini.call("run", "--no-book")
    assert done.returncode == 1
    rows = {row["lab"]: row for row in report(mini)["labs"]}
    assert [row["status"] for row in rows.values()] == ["failed", "failed", "passed"]
    assert rows["01-one"]["error"] == "needs service tiny, which did not start"
    (trouble,) = report(mini)["services"]
    assert (trouble["service"], trouble["labs"]) == ("tiny", ["01-one", "02-two"])
    assert "| no luck" in trouble["why"]
    assert done.stdout.count("died before it was ready, twice") == 1
    assert "./lab run 01-one 02-two" in done.stdout
    assert mini.none_left()


def test_up_starts_once_more_too(mini: Mini, here: Path) -> None:
    gates(here)
    mini.services({"tiny": entry(here, "once")})
    mini.lab("01-one", services=("tiny",))
    with mini.start("up", "01", COLUMNS="200") as process:
        port = int((here / "began").read_text())
        with socket.create_server(("127.0.0.1", port)):
            (here / "gate").write_text("")
            output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output
    assert f":{port}" not in output
    status = mini.call("status", COLUMNS="200").stdout
    assert "up.01-one.tiny.2.log" in status
    assert mini.call("down").returncode == 0
    assert mini.none_left()
