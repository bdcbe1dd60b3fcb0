"""Who is asked after a rollout, and what must be answered: labs/mlops/delivery/predict.py."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import generate_data
import pytest
import train
import yaml
from delivery import predict

from conftest import ROOT, answering


def pod(name: str, made: str, **more: str) -> dict:
    return {"metadata": {"name": name, "creationTimestamp": f"2026-01-01T00:0{made}:00Z", **more}}


OLD, NEW = pod("old", "1", deletionTimestamp="2026-01-01T00:09:00Z"), pod("new", "2")


@pytest.mark.parametrize("pods", [[OLD, NEW], [NEW, OLD], [pod("a", "1"), NEW]])
def test_the_newest_pod_that_stays_is_asked(pods: list[dict]) -> None:
    assert predict.newest(pods) == "pod/new"


def test_without_a_pod_that_stays_nothing_is_asked() -> None:
    with pytest.raises(SystemExit, match="no pod with"):
        predict.newest([OLD])


def test_a_forward_leads_to_that_pod(program, monkeypatch: pytest.MonkeyPatch) -> None:
    pods = json.dumps({"items": [OLD, NEW]})
    calls = program(
        "kubectl",
        says=f"case $1 in get) echo '{pods}';; *) echo 'Forwarding from 127.0.0.1:4321';; esac",
    )
    with predict.forwarded("dev") as url:
        assert url == "http://127.0.0.1:4321"
    assert [line.split(": ", 1)[1] for line in calls.read_text().splitlines()] == [
        "get pods -n dev -l serving.kserve.io/inferenceservice=churn -o json",
        "port-forward -n dev pod/new :8080 --address=127.0.0.1",
    ]


def test_a_forward_that_does_not_come_about_says_why(program) -> None:
    pods = json.dumps({"items": [NEW]})
    program("kubectl", says=f"case $1 in get) echo '{pods}';; *) echo no entry >&2;; esac")
    with pytest.raises(SystemExit, match="no way to pod/new: no entry"), predict.forwarded("dev"):
        pass


def test_the_customers_that_are_asked_about_are_such_as_the_model_knows() -> None:
    known = generate_data.generate(1000, seed=3)
    for row in predict.ROWS:
        assert {*row} == {*train.NUMERIC, *train.CATEGORICAL}
        assert all(row[name] in {*known[name]} for name in train.CATEGORICAL)


class Service(BaseHTTPRequestHandler):
    """A server that is ready, with the model or without it, and answers what it was told to."""

    model = True
    answers: tuple[float, ...] = ()

    def do_GET(self) -> None:
        ready = {"/v2/health/ready": True, "/v2/models/churn/ready": self.model}
        self.send_response(200 if ready[self.path] else 503)
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = (self.path, self.headers["Content-Type"], body)
        good = ("/v1/models/churn:predict", "application/json", {"instances": predict.ROWS})
        self.send_response(200 if asked == good else 400)
        self.end_headers()
        found = [{"probability": value} for value in self.answers]
        self.wfile.write(json.dumps({"predictions": found}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(model: bool = True, *answers: float) -> Iterator[str]:
    handler = type("Told", (Service,), {"model": model, "answers": answers})
    with answering(HTTPServer(("127.0.0.1", 0), handler)) as url:
        yield url


def test_a_server_without_the_model_is_not_ready() -> None:
    with serving(False, 0.1, 0.9) as url, pytest.raises(SystemExit, match="503"):
        predict.check(url, [0.1, 0.9])


def test_other_answers_than_the_model_s_stop_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(perf_counter=iter([1.0, 1.5, 2.0, 3.0]).__next__)
    monkeypatch.setattr(predict, "time", clock)
    with serving(True, 0.1, 0.9) as url:
        assert predict.check(url, [0.1, 0.9]) == 500
        with pytest.raises(
            SystemExit, match=r"answers \[0.1, 0.9\], the model .* says \[0.2, 0.9\]"
        ):
            predict.check(url, [0.2, 0.9])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a pipeline has trained its model."""
    folder = tmp_path_factory.mktemp("trained")
    generate_data.write(generate_data.generate(1000, seed=3), folder / "churn.csv")
    params = yaml.safe_load((ROOT / "labs/churn/params.yaml").read_text())["train"]
    model, _ = train.train(*train.load_data(folder / "churn.csv"), params)
    train.save(model, params["threshold"], folder / "models")
    return folder


@pytest.mark.parametrize("moved", [0.0, 0.01])
def test_the_service_is_compared_with_the_model_in_the_checkout(
    folder: Path, monkeypatch: pytest.MonkeyPatch, moved: float, capsys
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NAMESPACE", "dev")
    answers = [value + moved for value in predict.expected()]
    assert all(0 < value < 1 and round(value, 6) == value for value in answers)
    served = {"dev": serving(True, *answers)}
    monkeypatch.setattr(predict, "forwarded", served.__getitem__)
    if moved:
        with pytest.raises(SystemExit, match="the service answers"):
            predict.main()
    else:
        predict.main()
        assert f"{answers}: as the trained model says, in " in capsys.readouterr().out
