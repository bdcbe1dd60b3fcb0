"""The local profile reaches no cloud, and nothing outside reaches the local profile."""

import json
import os
from pathlib import Path

import psutil

from conftest import Mini
from mlops_lab.environment import NOWHERE, mask
from mlops_lab.guard import VARIABLE

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


def test_services_get_the_masked_environment_too(mini: Mini, tmp_path: Path) -> None:
    home = poisoned_home(tmp_path / "home")
    mini.lab("01-one", services=("tiny", "mlflow"))
    assert mini.call("up", "01", HOME=str(home), **POISON).returncode == 0
    try:
        services = [p.environ() for p in mini.processes() if VARIABLE in p.environ()]
        assert len(services) >= 3
        assert "venom" not in json.dumps(services)
    finally:
        mini.call("down")


def test_servers_listen_on_loopback_only(mini: Mini) -> None:
    mini.lab("01-one", services=("aws", "mlflow", "tiny"))
    assert mini.call("up", "01").returncode == 0
    try:
        pids = {process.pid for process in mini.processes()}
        listening = [
            c.laddr.ip
            for c in psutil.net_connections("inet")
            if c.status == psutil.CONN_LISTEN and c.pid in pids
        ]
        assert len(listening) >= 3
        assert set(listening) == {"127.0.0.1"}
    finally:
        mini.call("down")


def test_masking_twice_changes_nothing() -> None:
    once = {"PATH": os.environ["PATH"], **POISON}
    mask(once)
    twice = dict(once)
    mask(twice)
    assert twice == once
    assert once["AWS_ENDPOINT_URL"] == NOWHERE
