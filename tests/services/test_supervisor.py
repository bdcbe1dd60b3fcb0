"""Services as data, and the supervisor."""

import os
import re
import shutil
import sys
import urllib.request
from pathlib import Path

import generate_data
import psutil
import pytest
import yaml

from conftest import ROOT, TINY, run
from mlops_lab.core import process
from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.services import supervisor as services
from mlops_lab.services.definitions import catalog, resolve
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


def addresses(supervisor: Supervisor) -> dict[str, set[str]]:
    """Where each service listens, with all that it has started."""
    listening: dict[int | None, set[str]] = {}
    for socket in psutil.net_connections("tcp"):
        if socket.status == psutil.CONN_LISTEN:
            listening.setdefault(socket.pid, set()).add(socket.laddr.ip)
    found = {}
    for name, running in supervisor.running.items():
        first = psutil.Process(running.pid)
        family = [process.pid for process in (first, *first.children(recursive=True))]
        found[name] = set[str]().union(*(listening.get(pid, set()) for pid in family))
    return found


def _monitoring(folder: Path) -> dict[str, str]:
    """What the services of monitoring are told, and what they read, in `monitoring`."""
    shutil.copytree(ROOT / "labs/monitoring", folder / "monitoring")
    data = "../churn/data/churn.csv"
    reference = (sys.executable, "reference.py", data, "../churn/models", "0.8")
    env = {**os.environ, "PYTHONPATH": "../churn"}
    written = run(*reference, cwd=folder / "monitoring", env=env).stdout
    (folder / "monitoring/reference.json").write_text(written)
    (folder / "monitoring/world").write_text("0")
    config = folder / "prometheus.yml"
    config.write_text("scrape_configs: []\n")
    return {
        "config": str(config),
        "data": str(folder / "data"),
        "only": "--collector.cpu",
        "patience": "60",
        "url": "http://127.0.0.1:9",
        "delay": "60",
        "profiles": "http://127.0.0.1:9",
        "predictor": "127.0.0.1:9",
        "run": "true",
    }


def _registered(churn: Path, registry: str) -> None:
    """Train the model, and make it the champion of a registry."""
    env = {**os.environ, "MLFLOW_TRACKING_URI": registry}
    training = (sys.executable, "train.py", "--experiment", "one", "--register", "churn")
    run(*training, cwd=churn, env=env)
    alias = (
        "import mlflow; mlflow.MlflowClient().set_registered_model_alias('churn', 'champion', 1)"
    )
    run(sys.executable, "-c", alias, env=env)


def test_every_service_listens_on_loopback_only(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    every = [name for name, one in catalog().items() if one.program.source != "cluster"]
    churn = tmp_path / "churn"
    shutil.copytree(ROOT / "labs/churn", churn)
    generate_data.write(generate_data.generate(1000, seed=3), churn / "data/churn.csv")
    for service in resolve(every):
        for variable in service.exports:
            monkeypatch.setenv(variable, "")
    for credential in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(credential, "testing")
    process.run("git", "init", "--quiet", "--bare", tmp_path / "origin.git")
    here = (
        "alertmanager", "deadman", "observed", "callers", "watched", "rollout", "customers",
        "retrain", "visitors", "whole", "jaeger", "otelcol", "profiles", "predictor", "transformer",
    )  # fmt: skip
    places = {"churn": "churn", **dict.fromkeys(here, "monitoring")}
    configs = {"alertmanager": "alertmanager.yml", "jaeger": "jaeger.yaml"}
    for unused in ("TAIL_URL", "HASTY_URL"):
        monkeypatch.setenv(unused, "http://127.0.0.1:9")
    supervisor.start(resolve(["mlflow"]))
    supervisor.wait()
    _registered(churn, supervisor.running["mlflow"].url)
    values = {
        "model": "churn",
        "model_dir": str(churn / "models"),
        "folder": str(tmp_path),
        **_monitoring(tmp_path),
    }
    elsewhere = {*places, *supervisor.running}
    supervisor.start((one for one in resolve(every) if one.name not in elsewhere), **values)
    for name, place in places.items():
        values["config"] = configs.get(name, values["config"])
        supervisor.start(resolve([name]), cwd=tmp_path / place, **values)
    supervisor.wait()
    found = addresses(supervisor)
    assert set(found) == set(every)
    assert set(map(frozenset, found.values())) == {frozenset({"127.0.0.1"})}


def test_a_value_is_one_word_whatever_it_has_in_it_and_a_list_is_several(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    odd = tmp_path / "Anna's naïve $HOME"
    odd.mkdir()
    (odd / "here").write_text("it is")
    entry = {**TINY, "command": f"{TINY['command']} {{more}} --directory {{folder}}/."}
    (tmp_path / "services.yml").write_text(yaml.safe_dump({"tiny": entry}))
    more = ["--protocol", "HTTP/1.0"]
    supervisor.start(resolve(["tiny"]), cwd=tmp_path, folder=odd, more=more)
    supervisor.wait()
    (one,) = supervisor.running.values()
    assert answers(f"{one.url}/here")
    assert " --protocol HTTP/1.0 --directory" in one.command


def test_a_service_may_have_more_than_one_port(supervisor: Supervisor, tmp_path: Path) -> None:
    command = f"env OTHER={{other_port}} {TINY['command']}"
    entry = {**TINY, "command": command, "exports": {"OTHER": "{other_port}"}}
    (tmp_path / "services.yml").write_text(yaml.safe_dump({"tiny": entry}))
    (one,) = resolve(["tiny"])
    supervisor.start([one], cwd=tmp_path)
    first = supervisor.running["tiny"]
    assert first.exports["OTHER"].isdecimal()
    assert not first.url.endswith(first.exports["OTHER"])
    supervisor.start([one], cwd=tmp_path, other_port="1234")
    assert supervisor.running["tiny#2"].exports == {"OTHER": "1234"}


def test_a_pinned_program_is_found_behind_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops_lab.toolchain.programs.at_hand", lambda name: f"/cache/{name}")
    program = catalog()["jaeger"].program
    assert program.call("env A=1 jaeger --b=2") == ["env", "A=1", "/cache/jaeger", "--b=2"]
    assert program.call("jaeger --b=2") == ["/cache/jaeger", "--b=2"]


def test_an_entry_that_listens_everywhere_is_noticed(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    entry = {**TINY, "command": "python -m http.server --bind 0.0.0.0 {port}"}
    (tmp_path / "services.yml").write_text(yaml.safe_dump({"tiny": entry}))
    supervisor.start(resolve(["tiny"]))
    supervisor.wait()
    assert addresses(supervisor) == {"tiny": {"0.0.0.0"}}


WRONG = [
    ({"portt": 1}, "tiny: portt: Extra inputs are not permitted"),
    ({"timeout": "soon"}, "tiny: timeout: Input should be a valid number"),
    ({"timeout": 0}, "tiny: timeout: Input should be greater than 0"),
    ({"command": ""}, "tiny: command: String should have at least 1"),
    ({"program": None}, "tiny: program: Input should be"),
    ({"program": {"from": "somewhere", "name": "x"}}, "tiny: program: from: Input should be 'lab'"),
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


def test_a_service_that_died_is_known(supervisor: Supervisor) -> None:
    supervisor.start(resolve(["tiny"]))
    supervisor.wait()
    assert supervisor.dead() == []
    process = supervisor._executors["tiny"].process
    process.kill()
    process.wait()
    assert [running.name for running in supervisor.dead()] == ["tiny"]
