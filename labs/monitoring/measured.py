"""Figures that KServe's server lacks: how many answers, by their code, and how long they took.

KServe's figures have no status code. A middleware sees every answer as it leaves, so it counts
them.
"""

import time

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
