"""The churn server with figures of its own, and with the troubles of a bad day.

KServe's figures have no status code. A middleware sees every answer as it leaves, so it counts
them. What goes wrong stands in the file `trouble`: a word, and how bad it is.
"""

import asyncio
import itertools
import random
import time
from pathlib import Path

import api
from kserve.model_server import app
from prometheus_client import Counter, Histogram

ANSWERS = Counter("model_answers", "Answers of the model, by status code.", ["code"])
SECONDS = Histogram(
    "model_answer_seconds",
    "From a request's headers to the end of its answer.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),  # the objectives, 0.5 and 2, are bounds
)
for code in ("200", "500"):
    ANSWERS.labels(code)  # a series that begins at 0: what begins at 1 has no increase


class Measured:
    """Around the whole application, so that answers to what is no JSON count, too."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        """Note the status of the answer, and how long it took."""
        if not scope.get("path", "").endswith((":predict", "/infer")):
            return await self.inner(scope, receive, send)
        code, begin = "500", time.perf_counter()  # an exception that nobody caught

        async def noted(message):
            nonlocal code
            code = str(message.get("status", code))
            await send(message)

        try:
            await self.inner(scope, receive, noted)
        finally:
            self.note(code, time.perf_counter() - begin)

    def note(self, code, seconds, example=None):
        """One more answer."""
        ANSWERS.labels(code).inc()
        SECONDS.observe(seconds, example)


def trouble(word: str) -> float:
    """How bad it is today; 0 if it is not."""
    file = Path("trouble")
    words = file.read_text().split() if file.exists() else []
    return float(words[words.index(word) + 1]) if word in words else 0


class Troubled(api.ChurnModel):
    """Asks another service for what else is known of a customer, and is in for it."""

    requests = itertools.count(1)

    async def preprocess(self, payload, headers=None):
        """It is slow for all (`slow`), or for every 33rd (`tail`), or it gives up (`fail`)."""
        rare = trouble("tail") if next(self.requests) % 33 == 0 else 0
        if wait := trouble("slow") + rare:
            await asyncio.sleep(wait)
        if random.random() < trouble("fail"):
            raise ConnectionError("the other service does not answer")
        return payload

    def predict(self, payload, headers=None):
        """A model that computes for longer (`heavy`): nothing else runs meanwhile."""
        time.sleep(trouble("heavy"))
        return super().predict(payload, headers)


if __name__ == "__main__":
    app.add_middleware(Measured)
    api.ChurnModel = Troubled
    api.main()
