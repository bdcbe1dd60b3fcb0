"""What everybody who asks the model sends."""

import json
import urllib.request


def ask(url: str, rows: list) -> list[dict]:
    """What the model says of each row, or of each customer's number.

    Raises:
        OSError: no answer, or one that is an error.
    """
    body = json.dumps({"instances": rows}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/models/churn:predict", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["predictions"]
