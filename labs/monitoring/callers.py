"""Four callers of the model: `python callers.py URL PORT`. Each waits 0.2 s between an answer and
its next request, for half an hour at most. On PORT they tell how long an answer took them: what a
gateway in front of the server would see. With the word `numbers` behind it they send 1, 2, 3 and so
on in place of a row.
"""

import sys
import threading
import time
from collections.abc import Iterator
from itertools import count, repeat

from ask import ask
from prometheus_client import Histogram, start_http_server

ROW = {
    "tenure_months": 3, "monthly_charges": 89.5, "total_charges": 270.1, "support_calls": 4,
    "data_usage_gb": 20.5, "senior": 0, "contract": "month-to-month",
    "payment_method": "credit-card", "internet_service": "fiber", "paperless_billing": "yes",
}  # fmt: skip
SECONDS = Histogram(
    "caller_wait_seconds",
    "From sending a request to having its answer.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)


def call(url: str, row: dict | int) -> None:
    """One request, whatever comes back."""
    try:
        with SECONDS.time():
            ask(url, [row])
    except OSError:  # an error of the server, too; it counts them itself
        pass


def keep_calling(url: str, rows: Iterator) -> None:
    """Call, wait, call."""
    deadline = time.monotonic() + 1800
    while time.monotonic() < deadline:
        call(url, next(rows))
        time.sleep(0.2)


if __name__ == "__main__":
    start_http_server(int(sys.argv[2]), "127.0.0.1")
    rows = count(1) if sys.argv[3:] == ["numbers"] else repeat(ROW)
    for _ in range(4):
        threading.Thread(target=keep_calling, args=[sys.argv[1], rows]).start()
