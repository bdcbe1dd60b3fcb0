"""Customers who ask the model, and of whom it is known only later whether they left.

`python customers.py URL PORT DELAY` sends five requests a second of 120 rows, for half an hour at
most. They come from the world in the file `world`: 0 is that of the training data, 1 a clear shift,
and a column's name behind it is left empty. After DELAY seconds the truth is known. Then it is in
`outcomes.csv`, as training data is, and on PORT stands how often the model was right.
"""

import json
import sys
import threading
import time
from itertools import count
from pathlib import Path

import generate_data
import pandas as pd
from ask import ask
from prometheus_client import Counter, start_http_server

ROWS = 120
LOCK = threading.Lock()
WORLD, TRUTH = Path("world"), Path("outcomes.csv")
OUTCOMES = Counter("customer_outcomes", "Customers by what came true.", ["predicted", "churned"])


def batch(number: int) -> pd.DataFrame:
    """So many customers, each with an id of their own."""
    while not (words := WORLD.read_text().split()):
        pass  # somebody is writing it
    drift, *empty = words
    frame = generate_data.generate(ROWS, 1000 + number, float(drift))
    frame["customer_id"] = [f"D{ROWS * number + row:07d}" for row in range(ROWS)]
    return frame.assign(**dict.fromkeys(empty))


def predicted(url: str, frame: pd.DataFrame) -> list[bool]:
    """Whether each of them will leave, as the model says."""
    rows = json.loads(frame.drop(columns=["customer_id", "churned"]).to_json(orient="records"))
    return [one["churn"] for one in ask(url, rows)]


def later(frame: pd.DataFrame, said: list[bool]) -> None:
    """Now it is known."""
    with LOCK, TRUTH.open("ab", buffering=0) as file:  # in one piece: somebody may read meanwhile
        text = frame.to_csv(header=not file.tell(), index=False, float_format="%.2f")
        file.write(text.encode())
    for leaves, left in zip(said, frame["churned"], strict=True):
        OUTCOMES.labels(str(leaves), str(bool(left))).inc()


def main() -> None:
    """Ask five times a second."""
    deadline, delay = time.monotonic() + 1800, float(sys.argv[3])
    start_http_server(int(sys.argv[2]), "127.0.0.1")
    for number in count():
        if time.monotonic() > deadline:
            break
        frame = batch(number)
        try:
            timer = threading.Timer(delay, later, [frame, predicted(sys.argv[1], frame)])
            timer.daemon = True
            timer.start()
        except OSError:  # the server is being replaced
            pass
        time.sleep(0.2)


if __name__ == "__main__":
    main()
