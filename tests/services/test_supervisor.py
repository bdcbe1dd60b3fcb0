"""Services as data, and the supervisor."""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path

import pytest
import yaml

from conftest import TINY
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import supervisor as services
from mlops_lab.services.entries import catalog, resolve
from mlops_lab.services.running import attach
from mlops_lab.services.supervisor import Supervisor


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "services.yml"
    entry = {**TINY, "exports": {"TINY_URL": "http://127.0.0.1:{port}"}}
    path.write_text(yaml.safe_dump({"tiny": entry, "needy": {**entry, "needs": ["tiny"]}}))
    monkeypatch.setenv("LAB_EXTRA_SERVICES", str(path))
    monkeypatch.setattr(services, "LOGS", tmp_path / "logs")
    monkeypatch.setenv("TINY_URL", "")
    monkeypatch.setenv("PATH", f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}")


@pytest.fixture
def supervisor(tmp_path: Path):
    supervisor = Supervisor(tmp_path / "running", "test")
    yield supervisor
    supervisor.stop()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=LIMIT):
            return True
    except OSError:
        return False


def test_what_a_service_needs_comes_first() -> None:
    assert [service.name for service in resolve(["needy", "tiny"])] == ["tiny", "needy"]


def test_every_entry_listens_on_loopback_and_has_a_time_limit() -> None:
    for service in catalog().values():
        assert 0 < service.timeout <= LIMIT
        assert "0.0.0.0" not in service.command


WRONG = [
    ({"portt": 1}, "tiny: portt: Extra inputs are not permitted"),
    ({"timeout": "soon"}, "tiny: timeout: Input should be a valid number"),
    ({"timeout": 0}, "tiny: timeout: Input should be greater than 0"),
    ({"command": ""}, "tiny: command: String should have at least 1"),
    ({"program": None}, "tiny: program: Input should be"),
    ({"program": {"from": "somewhere", "name": "x"}}, "tiny: program.from: Input should be 'lab'"),
    ({"program": {"from": "module"}}, "tiny: program: Value error, name is missing"),
    ({"program": {"from": "debian", "name": "x"}}, "tiny: program: Value error, version is for"),
    ({"needs": "aws"}, "tiny: needs: Input should be a valid tuple"),
    ({"needs": ["awss"]}, "tiny: needs: no service awss"),
    ({"needs": ["tiny"]}, "needs go in a circle: tiny needs tiny"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_entry_is_told_with_file_and_key(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    (tmp_path / "services.yml").write_text(yaml.safe_dump({"tiny": {**TINY, **change}}))
    with pytest.raises(LabError, match=re.escape(f"services.yml: {said}")):
        catalog()


def test_a_started_service_answers_and_exports(supervisor: Supervisor, monkeypatch) -> None:
    supervisor.start(resolve(["tiny"]))
    supervisor.wait()
    running = supervisor.running["tiny"]
    assert answers(running.url)
    assert running.exports == {"TINY_URL": running.url}
    assert running.command == f"python -m http.server --bind 127.0.0.1 {running.url[17:]}"
    supervisor.stop()
    assert not answers(running.url)


def test_two_of_one_kind_run_side_by_side(supervisor: Supervisor) -> None:
    supervisor.start(resolve(["tiny"]))
    supervisor.start(resolve(["tiny"]))
    supervisor.wait()
    first, second = supervisor.running.values()
    assert (first.name, second.name) == ("tiny", "tiny#2")
    assert answers(first.url)
    supervisor.end("tiny")
    assert not answers(first.url)
    assert answers(second.url)
    supervisor.start(resolve(["tiny"]))
    assert set(supervisor.running) == {"tiny#2", "tiny#3"}


def test_attaching_reads_what_was_written(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(resolve(["tiny"]))
    supervisor.write(tmp_path / "services.json")
    attached = attach(tmp_path / "services.json")
    assert attached == supervisor.running
    attached["tiny"].wait()
    assert json.loads((tmp_path / "services.json").read_text())[0]["name"] == "tiny"


def test_a_service_that_died_is_known(supervisor: Supervisor) -> None:
    supervisor.start(resolve(["tiny"]))
    supervisor.wait()
    assert supervisor.dead() == []
    process = supervisor._executors["tiny"].process
    process.kill()
    process.wait()
    assert [running.name for running in supervisor.dead()] == ["tiny"]
