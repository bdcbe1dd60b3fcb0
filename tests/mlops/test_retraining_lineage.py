import json
import shutil
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import skops.io
import train as project_train
from retraining import lineage
from retraining.model_registry import Registry

from conftest import answering
from mlops.conftest import MLFLOW_S_OWN

pytest_plugins = ["mlops.retraining_fixtures"]
pytestmark = MLFLOW_S_OWN


def test_lineage_of_both_champions_is_whole(promoted: Registry, capsys) -> None:
    shutil.rmtree("data")
    assert lineage.main([]) == 0
    assert "checked: with the run" in capsys.readouterr().out
    lock = {"stages": {"generate": {"outs": [{"md5": data_md5(promoted, "1")}]}}}
    Path("dvc.lock").write_text(json.dumps(lock))
    promoted.drop("former")
    assert lineage.main(["--version", "1"]) == 0
    assert "checked: dvc.lock" in (said := capsys.readouterr().out)
    assert "  churn-test 1  " in said


def data_md5(registry: Registry, version: str) -> str:
    run = registry.client.get_run(registry.version(version).run_id)
    return run.data.tags["data_md5"]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("git_commit", "not in this repository"),
        ("data_md5", "not with the run, in dvc.lock"),
        ("artifact_md5", "its file had md5 other once"),
    ],
)
def test_a_broken_link_is_named(promoted: Registry, link: str, said: str, capsys) -> None:
    promoted.tag("2", link, "other")
    assert lineage.main([]) == 1
    shown = capsys.readouterr()
    assert said in shown.out
    assert "the chain is broken at: " in shown.err


def test_params_that_the_commit_does_not_have_are_named(old_champion: Registry, capsys) -> None:
    run_id = old_champion.version("1").run_id
    old_champion.client.log_param(run_id, "depth", "9")
    assert lineage.main([]) == 1
    assert "params.yaml of the commit differs: depth" in capsys.readouterr().out


def test_the_image_is_compared_with_the_version(promoted: Registry, capsys) -> None:
    digest = f"sha256:{'ab' * 32}"
    promoted.tag("2", "image_digest", digest)
    assert lineage.main(["--image", f"registry/churn@{digest}"]) == 0
    for other in (f"@sha256:{'cd' * 32}", ":latest"):
        assert lineage.main(["--image", f"registry/churn{other}"]) == 1
        assert "the chain is broken at: image\n" in capsys.readouterr().err


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """Answer as api.py does, with whatever model is put in."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/models/churn:predict"
            rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["instances"]
            frame = pd.DataFrame(rows)
            values = self.server.model.predict_proba(frame)[:, 1].round(6)
            answer = {"predictions": [{"probability": float(value)} for value in values]}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    with answering(server):
        yield server


def test_a_server_is_known_by_its_predictions(
    promoted: Registry, server: HTTPServer, capsys
) -> None:
    url = f"http://127.0.0.1:{server.server_port}"
    model = Path("models/model.skops")
    server.model = skops.io.load(model, trusted=project_train.TRUSTED_TYPES)
    assert lineage.main(["--url", f"{url}/"]) == 0
    assert "served prediction  0." in capsys.readouterr().out
    assert lineage.main(["--url", url, "--version", "1"]) == 1
    assert "the chain is broken at: served prediction" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_a_broken_link(old_champion: Registry, capsys) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        assert lineage.main(["--url", f"http://127.0.0.1:{probe.getsockname()[1]}"]) == 1
    assert "no answer: " in capsys.readouterr().out


def test_without_champion_there_is_no_lineage(registry: Registry, capsys) -> None:
    assert lineage.main([]) == 1
    assert "has no champion" in capsys.readouterr().err
