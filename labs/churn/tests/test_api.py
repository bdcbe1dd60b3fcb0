import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent.parent
CUSTOMER = {
    "customer_id": "C000001",
    "tenure_months": 3,
    "monthly_charges": 89.5,
    "total_charges": None,
    "support_calls": 4,
    "data_usage_gb": 20.5,
    "senior": 0,
    "contract": "month-to-month",
    "payment_method": None,
    "internet_service": "fiber",
    "paperless_billing": "yes",
}
LOYAL = CUSTOMER | {"tenure_months": 70, "support_calls": 0, "contract": "two-year"}


def call(url: str, body: Any = None, content_type: str = "application/json") -> tuple[int, Any]:
    """Return the status and the decoded JSON answer; send what is no string as JSON."""
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    data = None if text is None else text.encode()
    request = urllib.request.Request(url, data, {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300  # only for one that hangs: it imports for seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if call(f"{url}/v2/models/churn/ready")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def url(model_dir: Path, port: int) -> Iterator[str]:
    command = [sys.executable, "api.py", "--model_dir", str(model_dir), "--http_port", str(port)]
    process = subprocess.Popen(command, cwd=HERE)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


def tensors(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rows as a V2 request: one tensor per column."""
    inputs = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        datatype = "BYTES" if any(isinstance(value, str) for value in values) else "FP64"
        inputs.append({"name": name, "shape": [len(rows)], "datatype": datatype, "data": values})
    return {"inputs": inputs}


@pytest.mark.parametrize(
    "path", ["/v2/health/live", "/v2/health/ready", "/v1/models/churn", "/v2/models/churn"]
)
def test_health(url: str, path: str) -> None:
    assert call(url + path)[0] == 200


def test_v1_prediction(url: str) -> None:
    status, answer = call(f"{url}/v1/models/churn:predict", {"instances": [CUSTOMER, LOYAL]})
    assert status == 200
    leaving, staying = answer["predictions"]
    assert leaving["churn"] is True
    assert staying["churn"] is False
    assert 0 < staying["probability"] < 0.5 <= leaving["probability"] < 1


def test_v2_answers_as_v1(url: str) -> None:
    rows = [CUSTOMER, LOYAL]
    _, v1 = call(f"{url}/v1/models/churn:predict", {"instances": rows})
    status, v2 = call(f"{url}/v2/models/churn/infer", tensors(rows))
    assert status == 200
    outputs = {output["name"]: output for output in v2["outputs"]}
    assert outputs["probability"]["datatype"] == "FP64"
    assert outputs["churn"]["datatype"] == "BOOL"
    for name, output in outputs.items():
        assert output["data"] == [row[name] for row in v1["predictions"]]


def test_unknown_category_is_scored(url: str) -> None:
    body = {"instances": [CUSTOMER | {"internet_service": "satellite"}]}
    assert call(f"{url}/v1/models/churn:predict", body)[0] == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("no json", "Unrecognized request format"),
        ({}, 'The body must be a JSON object with the key "instances".'),
        ({"instances": []}, '"instances" must be a list with at least one row.'),
        ({"instances": [1]}, "Row 0 must be an object of column names and values."),
        (
            {"instances": [{k: v for k, v in CUSTOMER.items() if k != "contract"}]},
            "Row 0 lacks the column(s): contract.",
        ),
        (
            {"instances": [CUSTOMER, CUSTOMER | {"monthly_charges": "high"}]},
            'Column "monthly_charges" of row 1 must be a number or null.',
        ),
        (
            {"instances": [CUSTOMER | {"contract": 12}]},
            'Column "contract" of row 0 must be a string or null.',
        ),
        (
            {"instances": [CUSTOMER | {"support_calls": True}]},
            'Column "support_calls" of row 0 must be a number or null.',
        ),
    ],
)
def test_v1_names_what_is_wrong(url: str, body: Any, message: str) -> None:
    status, answer = call(f"{url}/v1/models/churn:predict", body)
    assert status == 400
    assert answer["error"].startswith(message)


def test_v1_names_a_wrong_content_type(url: str) -> None:
    status, answer = call(f"{url}/v1/models/churn:predict", "{}", content_type="text/plain")
    assert (status, answer) == (
        400,
        {"error": 'The header Content-Type must be "application/json".'},
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("no json", "Invalid request, body.0: JSON decode error."),
        ({}, "Invalid request, body.inputs: Field required."),
        ({"inputs": []}, '"inputs" must hold one tensor per column, with at least one value.'),
        (
            {"inputs": [{"name": "senior", "shape": [2], "datatype": "FP64", "data": [1]}]},
            'Tensor "senior" has 1 values, but its shape is [2].',
        ),
        (
            tensors([{"senior": 1, "contract": "one-year"}]),
            "Row 0 lacks the column(s): tenure_months, monthly_charges",
        ),
        (
            tensors([CUSTOMER | {"senior": "no"}]),
            'Column "senior" of row 0 must be a number or null.',
        ),
    ],
)
def test_v2_names_what_is_wrong(url: str, body: Any, message: str) -> None:
    status, answer = call(f"{url}/v2/models/churn/infer", body)
    assert status == 400
    assert answer["error"].startswith(message)


def test_metrics_count_predictions(url: str) -> None:
    call(f"{url}/v1/models/churn:predict", {"instances": [CUSTOMER]})
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        assert 'request_predict_seconds_count{model_name="churn"}' in answer.read().decode()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_listens_on_one_address_only(url: str, port: int) -> None:
    assert call(f"{url}/v2/health/live")[0] == 200
    # All of 127.0.0.0/8 is this machine, so a server on 0.0.0.0 would answer here.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=60)


REGISTER_AND_SERVE = """
import json, pathlib, sys
import api, mlflow, train

train.main(["--data", sys.argv[1], "--experiment", "churn", "--register", "churn"])
mlflow.MlflowClient().set_registered_model_alias("churn", "champion", 1)
mlflow.artifacts.download_artifacts(artifact_uri="models:/churn@champion", dst_path="champion")
model = api.ChurnModel("churn", pathlib.Path("champion"))
model.load()
print(model.threshold, model.predict({"instances": [json.loads(sys.argv[2])]}))
"""


@pytest.mark.integration
def test_serves_a_model_downloaded_from_mlflow(tmp_path: Path, csv_path: Path) -> None:
    params = yaml.safe_load((HERE / "params.yaml").read_text(encoding="utf-8"))
    params["train"] |= {"model": "boosting", "threshold": 0.4}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    # In a process of its own: mlflow warns, and kserve keeps global state.
    settings = {"PYTHONPATH": str(HERE), "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    command = [sys.executable, "-c", REGISTER_AND_SERVE, str(csv_path), json.dumps(CUSTOMER)]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = done.stdout.splitlines()[-1]
    assert answer.startswith("0.4 {'predictions': [{'churn': True, 'probability': 0.")
