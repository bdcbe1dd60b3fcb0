"""labs/serving/load.py, which asks the Service of lab 07b from a pod."""

import json
import runpy
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, answering
from mlops_lab.core.waiting import LIMIT

OLD, NEW = 0.924398, 0.957878


class Model(BaseHTTPRequestHandler):
    """Answers what `say` of the server says to the so many-th request; None is status 503."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1  # type: ignore[attr-defined]
        said = self.server.say(self.server.asked)  # type: ignore[attr-defined]
        self.send_response(503 if said is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"predictions": [{"probability": said}]}).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Load = Callable[..., tuple[dict[str, Any], list[list[Any]]]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> Iterator[Load]:
    """What a load prints that asks a model, with `stop` there when the first answer has come.

    That is the counts, and the second and the answer of each request.
    """
    server = HTTPServer(("127.0.0.1", 0), Model)

    def run(say: Callable[[int], float | None], *options: str, stop: bool) -> tuple[Any, Any]:
        server.asked, server.say = 0, say  # type: ignore[attr-defined]
        fixed = ("--pause=0", "--workers=1", f"--seconds={LIMIT}")
        monkeypatch.setattr(sys, "argv", ["load.py", url, *fixed, *options])
        names = runpy.run_path(str(ROOT / "labs/serving/load.py"))
        # BEGUN is written when the load begins, so the same file can tell it to stop.
        places = {"BEGUN": tmp_path / "begun", "STOP": tmp_path / ("begun" if stop else "never")}
        names["main"].__globals__.update(places)
        names["main"]()
        counts, timeline = map(json.loads, capsys.readouterr().out.splitlines())
        return counts, timeline

    with answering(server) as url:
        yield run


def test_a_stop_waits_until_both_models_have_answered(load: Load) -> None:
    found, _ = load(lambda asked: OLD if asked < 40 else NEW, "--answers=2", stop=True)
    assert found == {"requests": 39, "failed": 0, "answers": {str(OLD): 38, str(NEW): 1}}


def test_a_stop_waits_until_each_has_come_so_often(load: Load) -> None:
    options = ("--answers=2", "--times=5")
    found, _ = load(lambda asked: OLD if asked < 40 else NEW, *options, stop=True)
    assert found["answers"] == {str(OLD): 38, str(NEW): 5}


def test_the_order_of_the_answers_is_told(load: Load) -> None:
    answers = {3: OLD, 4: NEW}
    found, timeline = load(lambda asked: answers.get(asked, OLD), "--requests=4", stop=False)
    assert [said for _, said in timeline] == [str(OLD), str(OLD), str(NEW), str(OLD)]
    seconds = [at for at, _ in timeline]
    assert seconds == sorted(seconds)
    assert len(seconds) == found["requests"]


def test_what_fails_is_counted_and_is_no_answer(load: Load) -> None:
    found, timeline = load(
        lambda asked: None if asked % 2 == 0 else OLD, "--requests=10", stop=False
    )
    assert found["requests"] == 10
    assert found["failed"] == 5
    assert found["answers"][str(OLD)] == 5
    assert sum(said.startswith("failed") for _, said in timeline) == 5


def test_nothing_is_counted_before_the_first_answer(load: Load) -> None:
    found, _ = load(lambda asked: None if asked < 3 else OLD, "--requests=5", stop=False)
    assert found == {"requests": 5, "failed": 0, "answers": {str(OLD): 5}}


def test_who_never_answers_is_told_with_the_reason(load: Load) -> None:
    with pytest.raises(SystemExit, match=r"^no answer within 0 s; the last try failed: .* 503"):
        load(lambda asked: None, "--seconds=0", stop=False)
