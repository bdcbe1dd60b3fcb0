"""Ask the Service until it answers what the model in this image answers, ten times in a row.

While a rollout is under way the pods of the version before still answer, too.
"""

import json
import time
import urllib.request
from pathlib import Path

URL = "http://churn-predictor/v1/models/churn:predict"
ROW = {
    "tenure_months": 3, "monthly_charges": 89.5, "total_charges": 270.1, "support_calls": 4,
    "data_usage_gb": 20.5, "senior": 0, "contract": "month-to-month",
    "payment_method": "credit-card", "internet_service": "fiber", "paperless_billing": "yes",
}  # fmt: skip


def ask() -> float | None:
    """The probability that the service gives; none while it cannot be reached."""
    body = json.dumps({"instances": [ROW]}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return float(json.load(answer)["predictions"][0]["probability"])
    except OSError:
        return None


answers = [ask()]  # the first before the libraries are loaded, which takes seconds

import pandas as pd  # noqa: E402
import skops.io  # noqa: E402
from train import TRUSTED_TYPES  # noqa: E402

model = skops.io.load(Path("models/model.skops"), trusted=TRUSTED_TYPES)
expected = float(model.predict_proba(pd.DataFrame([ROW]))[0, 1].round(6))
assert 0.5 < expected < 1, expected

# Only for what hangs: the new pod may take minutes on a busy node.
deadline = time.monotonic() + 600
while answers[-10:] != [expected] * 10:
    if time.monotonic() > deadline:
        raise SystemExit(f"{answers[-1]}, and the model in this image says {expected}")
    time.sleep(0.05)
    answers.append(ask())
others = sum(answer not in (expected, None) for answer in answers)
print(expected, "after", others, "answers of another model")
