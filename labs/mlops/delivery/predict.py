"""Ask the deployed service: is the model ready, and does it answer as the trained model does?"""

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import train
from api import load_model

from delivery.shell import call, need

ROWS = [
    {"tenure_months": 3, "monthly_charges": 89.5, "total_charges": 270.1, "support_calls": 4,
     "data_usage_gb": 20.5, "senior": 0, "contract": "month-to-month",
     "payment_method": "credit-card", "internet_service": "fiber", "paperless_billing": "yes"},
    {"tenure_months": 70, "monthly_charges": 45.0, "total_charges": 3150.0, "support_calls": 0,
     "data_usage_gb": 8.0, "senior": 1, "contract": "two-year",
     "payment_method": "bank-transfer", "internet_service": "dsl", "paperless_billing": "no"},
]  # fmt: skip
SECONDS = 60  # of a request
LABEL = "serving.kserve.io/inferenceservice=churn"


def newest(pods: list[dict[str, Any]]) -> str:
    """The pod that was made last and is not about to end.

    A forward to the Service would take the one that has been ready for longest: after a rollout
    that may be the old one, which still answers while it ends.
    """
    stay = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    if not stay:
        raise SystemExit(f"no pod with {LABEL}")
    return f"pod/{max(stay, key=lambda one: str(one['creationTimestamp']))['name']}"


@contextmanager
def forwarded(namespace: str) -> Iterator[str]:
    """The service's URL, by a port-forward to its newest pod that ends with the block."""
    there = ["-n", namespace, "-l", LABEL, "-o", "json"]
    pod = newest(json.loads(call("kubectl", "get", "pods", *there))["items"])
    command = ["kubectl", "port-forward", "-n", namespace, pod, ":8080", "--address=127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        # The first line names the port; no line at all means that it could not be had.
        told = process.stdout.readline().decode()
        port = re.search(r"127\.0\.0\.1:(\d+)", told)
        try:
            if port is None:
                process.wait()
                raise SystemExit(f"no way to {pod}: {process.stderr.read().decode().strip()}")
            yield f"http://127.0.0.1:{port[1]}"
        finally:
            process.terminate()


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    """GET, or POST a JSON body; the decoded answer. Any status but 2xx ends the step."""
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)
    except OSError as error:
        raise SystemExit(f"{url}: {error}") from error


def expected(folder: Path = Path("models")) -> list[float]:
    """What the model in this checkout answers, without any server."""
    inputs = pd.DataFrame(ROWS)[train.NUMERIC + train.CATEGORICAL]
    inputs = inputs.astype(dict.fromkeys(train.NUMERIC, "float64"))
    found = load_model(folder).predict_proba(inputs)[:, 1].round(6)
    return [float(value) for value in found]


def check(url: str, wanted: list[float]) -> float:
    """Compare the service's answers with the wanted ones; return how many milliseconds it took."""
    ask(f"{url}/v2/models/churn/ready")
    began = time.perf_counter()
    answers = ask(f"{url}/v1/models/churn:predict", {"instances": ROWS})["predictions"]
    took = 1000 * (time.perf_counter() - began)
    got = [answer["probability"] for answer in answers]
    if got != wanted:
        raise SystemExit(f"the service answers {got}, the model that was built says {wanted}")
    return took


def main() -> None:
    """Check the service in NAMESPACE against the model in models/."""
    wanted = expected()
    with forwarded(need("NAMESPACE")) as url:
        took = check(url, wanted)
    print(f"{wanted}: as the trained model says, in {took:.0f} ms")


if __name__ == "__main__":
    main()
