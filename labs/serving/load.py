"""Send requests, each on a connection of its own, and count the answers."""

import argparse
import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

ROW = {
    "tenure_months": 3, "monthly_charges": 89.5, "total_charges": 270.1, "support_calls": 4,
    "data_usage_gb": 20.5, "senior": 0, "contract": "month-to-month",
    "payment_method": "credit-card", "internet_service": "fiber", "paperless_billing": "yes",
}  # fmt: skip
BEGUN, STOP = Path("/tmp/begun"), Path("/tmp/stop")


def ask(url: str) -> str:
    """One request; the probability it was answered with, or what went wrong."""
    body = json.dumps({"instances": [ROW]}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/models/churn:predict", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(json.load(answer)["predictions"][0]["probability"])
    except (OSError, ValueError) as error:
        return f"failed: {error}"


def main() -> None:
    """Send until there are enough, the time is up, or somebody says stop.

    What comes before the first answer is not counted: the Service may be new.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--requests", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument(
        "--answers", type=int, default=1, help="different ones that must have come before a stop"
    )
    parser.add_argument("--times", type=int, default=1, help="how often each must have come")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--pause", type=float, default=0.02, help="between two requests, in seconds"
    )
    options = parser.parse_args()
    deadline, counts, timeline = time.monotonic() + options.seconds, Counter(), []
    left, lock = iter(range(options.requests)), threading.Lock()
    while (said := ask(options.url)).startswith("failed"):
        if time.monotonic() > deadline:
            sys.exit(f"no answer within {options.seconds:g} s; the last try {said}")
        time.sleep(0.1)
    BEGUN.touch()
    begun = time.monotonic()

    def told() -> bool:
        with lock:
            answers = sum(
                n >= options.times for said, n in counts.items() if not said.startswith("failed")
            )
        return STOP.exists() and answers >= options.answers

    def work() -> None:
        while time.monotonic() < deadline and not told():
            with lock:
                if next(left, None) is None:
                    return
            answer = ask(options.url)
            with lock:
                counts[answer] += 1
                timeline.append([round(time.monotonic() - begun, 1), answer])
            time.sleep(options.pause)

    threads = [threading.Thread(target=work) for _ in range(options.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = sum(n for answer, n in counts.items() if answer.startswith("failed"))
    answers = dict(sorted(counts.items()))
    print(json.dumps({"requests": counts.total(), "failed": failed, "answers": answers}))
    print(json.dumps(timeline))


if __name__ == "__main__":
    main()
