"""The local profile reaches no cloud, and nothing outside reaches the local profile."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from conftest import Mini
from mlops_lab.cluster.certificates import Authority
from mlops_lab.core import environment
from mlops_lab.core.environment import NOWHERE, enter, for_tests, mask, masked
from mlops_lab.core.guard import VARIABLE

POISON = {
    "AWS_ACCESS_KEY_ID": "venom",
    "AWS_SECRET_ACCESS_KEY": "venom",
    "AWS_SESSION_TOKEN": "venom",
    "AWS_PROFILE": "venom",
    "AWS_ENDPOINT_URL": "http://192.0.2.1:1",
    "AWS_ENDPOINT_URL_S3": "http://192.0.2.1:1",
    "AWS_CONFIG_FILE": "/venom",
    "AWS_ROLE_ARN": "venom",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/venom",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/",
    "MLFLOW_TRACKING_URI": "http://192.0.2.1:1",
    "MLFLOW_TRACKING_TOKEN": "venom",
    "DVC_GLOBAL_CONFIG_DIR": "/venom",
    "GIT_DIR": "/venom",
    "KUBECONFIG": "/venom",
    "DATABRICKS_HOST": "http://192.0.2.1",
    "MAKEFLAGS": "venom",
    "PYTEST_ADDOPTS": "--venom",
    "https_proxy": "http://192.0.2.1:1",
}

LOOK = """
import json, os, boto3
s3 = boto3.client("s3")
credentials = boto3.Session().get_credentials()
seen = {
    "environ": dict(os.environ),
    "endpoint": s3.meta.endpoint_url,
    "key": credentials.access_key,
    "token": credentials.token,
    "profiles": boto3.Session().available_profiles,
    "buckets": [b["Name"] for b in s3.list_buckets()["Buckets"]],
    "home": os.path.expanduser("~"),
}
print(json.dumps(seen))
"""


def poisoned_home(folder: Path) -> Path:
    (folder / ".aws").mkdir(parents=True)
    (folder / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = venom\naws_secret_access_key = venom\n[venom]\n"
    )
    (folder / ".aws/config").write_text(
        "[default]\nendpoint_url = http://192.0.2.1:1\nregion = venom\n"
    )
    (folder / ".gitconfig").write_text("[user]\n\tname = venom\n[core]\n\thooksPath = /venom\n")
    (folder / ".kube").mkdir()
    (folder / ".kube/config").write_text("venom: true\n")
    return folder


def test_a_poisoned_environment_and_home_do_not_reach_a_lab(mini: Mini, tmp_path: Path) -> None:
    """The addresses in the poison are TEST-NET-1: were one used, the lab would hang or fail."""
    home = poisoned_home(tmp_path / "home")
    mini.lab("01-one", LOOK, services=("aws",))
    done = mini.call("run", "--no-book", HOME=str(home), **POISON)
    assert done.returncode == 0, done.stdout
    executed = json.loads((mini.root / "build/notebooks/01-one.ipynb").read_text())
    seen = json.loads("".join(executed["cells"][2]["outputs"][0]["text"]))
    assert "venom" not in json.dumps(seen)
    assert "192.0.2.1" not in json.dumps(seen)
    assert seen["endpoint"].startswith("http://127.0.0.1:")
    assert seen["key"] == "testing"
    assert seen["token"] is None
    assert seen["profiles"] == []
    assert seen["home"] == str(mini.root / ".lab/home")
    assert "mlflow-artifacts" in seen["buckets"]


def test_what_is_kept_up_is_masked_too_and_listens_on_loopback_only(
    mini: Mini, tmp_path: Path
) -> None:
    """Each server alone is asked in tests/services/test_supervisor.py."""
    home = poisoned_home(tmp_path / "home")
    mini.lab("01-one", services=("tiny", "mlflow"))
    assert mini.call("up", "01", HOME=str(home), **POISON).returncode == 0
    try:
        processes = {p.pid: p.environ() for p in mini.processes() if VARIABLE in p.environ()}
        listening = {
            c.laddr.ip
            for c in psutil.net_connections("inet")
            if c.status == psutil.CONN_LISTEN and c.pid in processes
        }
    finally:
        mini.call("down")
    assert "venom" not in json.dumps(processes)
    assert listening == {"127.0.0.1"}


def test_masking_twice_changes_nothing() -> None:
    once = {"PATH": os.environ["PATH"], **POISON}
    mask(once)
    twice = dict(once)
    mask(twice)
    assert twice == once
    assert once["AWS_ENDPOINT_URL"] == NOWHERE


# A client with a context, whose engine answers only who knows where it is and has no home of his.
DOCKER = """#!/bin/sh
case "$*" in
"context inspect colima") echo '[{"Endpoints": {"docker": {"Host": "unix:///colima.sock"}},
    "TLSMaterial": {}, "Storage": {"TLSPath": "/tls"}}]' ;;
info) [ "$DOCKER_HOST" = unix:///colima.sock ] && [ "$HOME" != "$USERS_HOME" ] ;;
*) exit 1 ;;
esac
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of somebody who uses a context."""
    monkeypatch.setattr(environment, "HOME", tmp_path / "lab-home")  # not the checkout's
    programs, home = tmp_path / "programs", tmp_path / "home"
    (home / ".docker/cli-plugins").mkdir(parents=True)
    (home / ".docker/config.json").write_text('{"currentContext": "colima"}')
    programs.mkdir()
    for name, text in {"docker": DOCKER, "kubectl": "#!/bin/sh\n", "kind": "#!/bin/sh\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return {"HOME": str(home), "PATH": f"{programs}:{os.environ['PATH']}"}


def test_the_engine_of_a_context_reaches_a_lab(docker: dict[str, str]) -> None:
    assert masked(docker)["DOCKER_HOST"] == "unix:///colima.sock"
    assert masked(masked(docker)) == masked(docker)


def test_doctor_and_labs_see_the_same_docker(mini: Mini, docker: dict[str, str]) -> None:
    mini.lab("01-one", "%%bash\ndocker info && echo answers")
    mini.versions()
    doctor = mini.call("doctor", COLUMNS="200", **docker)
    assert "cluster on kind: can run here" in doctor.stdout
    assert mini.call("run", "--no-book", **docker).returncode == 0
    gone = {**docker, "DOCKER_HOST": "unix:///nowhere.sock"}
    assert "no Docker engine answers" in mini.call("doctor", COLUMNS="200", **gone).stdout
    assert mini.call("run", "--no-book", **gone).returncode == 1


FAR = {"DOCKER_HOST": "tcp://a:2376", "DOCKER_TLS_VERIFY": "1"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"DOCKER_HOST": "unix:///a"}, {"DOCKER_HOST": "unix:///a"}),
        (FAR, {**FAR, "DOCKER_CERT_PATH": "HOME/.docker"}),
        ({**FAR, "DOCKER_CONFIG": "/b"}, {**FAR, "DOCKER_CERT_PATH": "/b"}),
        (
            {"DOCKER_HOST": "ssh://a", "SSH_AUTH_SOCK": "/s"},
            {"DOCKER_HOST": "ssh://a", "SSH_AUTH_SOCK": "/s"},
        ),
        ({"DOCKER_CONTEXT": "default", "SSH_AUTH_SOCK": "/s"}, {}),
        ({"DOCKER_CONTEXT": "unknown"}, {}),
        ({"DOCKER_CONTENT_TRUST": "1", "DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, None),
    ],
)
def test_what_docker_is_told(
    docker: dict[str, str], given: dict[str, str], kept: dict[str, str] | None
) -> None:
    seen = masked({**docker, **given})
    kept = {"DOCKER_HOST": "unix:///colima.sock"} if kept is None else kept
    kept = {name: value.replace("HOME", docker["HOME"]) for name, value in kept.items()}
    assert {k: v for k, v in seen.items() if k.startswith(("DOCKER_", "SSH_"))} == kept


@pytest.mark.skipif(not shutil.which("docker"), reason="needs the client of Docker")
def test_the_real_client_s_context_is_understood(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    authority = Authority.create(tmp_path, "ca")
    authority.issue("reader", "reader")
    files = f"ca={authority.path},cert={tmp_path}/reader.crt,key={tmp_path}/reader.key"
    create = ["docker", "context", "create", "far", "--docker"]
    subprocess.run([*create, f"host=tcp://far:2376,{files}"], env=env, check=True)
    subprocess.run(["docker", "context", "use", "far"], env=env, check=True)
    seen = masked(env)
    assert (seen["DOCKER_HOST"], seen["DOCKER_TLS_VERIFY"]) == ("tcp://far:2376", "1")
    assert Path(seen["DOCKER_CERT_PATH"], "ca.pem").read_bytes() == authority.path.read_bytes()


def test_the_way_to_the_registry_stays_where_it_is_needed() -> None:
    network = {
        "https_proxy": "http://proxy",
        "SSL_CERT_FILE": "/ca.pem",
        "PIP_INDEX_URL": "http://index",
        "UV_INDEX_OURS_PASSWORD": "secret",
        "GOPROXY": "http://modules",
    }
    venom = {"PIP_USER": "1", "UV_PYTHON": "3.8", "GOFLAGS": "-mod=vendor", "GIT_DIR": "/venom"}
    person: dict[str, str] = {**network, **venom, "BROWSER": "firefox"}
    tests = for_tests(person)
    enter(person)
    assert network.items() <= person.items()
    assert network.items() <= tests.items()
    assert person["BROWSER"] == "firefox"
    assert not (venom.keys() | {"BROWSER"}) & tests.keys()
    assert not venom.keys() & person.keys()
    assert not network.keys() & masked({**person}).keys()


def test_tests_ask_this_machine_without_a_proxy_and_others_through_it() -> None:
    given = {"HTTP_PROXY": "http://proxy:8", "NO_PROXY": "intra.example,localhost"}
    seen = for_tests(given)
    assert seen["HTTP_PROXY"] == "http://proxy:8"
    assert seen["NO_PROXY"] == "intra.example,localhost,127.0.0.1"
    assert seen["no_proxy"] == "127.0.0.1,localhost"
    assert for_tests(seen)["NO_PROXY"] == seen["NO_PROXY"]
