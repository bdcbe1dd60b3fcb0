"""The churn server with figures of its own, and with the troubles of a bad day.

What goes wrong stands in the file `trouble`: a word, and how bad it is.
"""

import asyncio
import itertools
import random
import time
from pathlib import Path

import api
from kserve.model_server import app
from measured import Measured


def trouble(word: str) -> float:
    """How bad it is today; 0 if it is not."""
    file = Path("trouble")
    words = file.read_text().split() if file.exists() else []
    return float(words[words.index(word) + 1]) if word in words else 0


class Troubled(api.ChurnModel):
    """Asks another service for what else is known of a customer, and is in for it."""

    requests = itertools.count()  # of a day with a tail: its first one is slow

    async def preprocess(self, payload, headers=None):
        """It is slow for all (`slow`), or for every 33rd (`tail`), or it gives up (`fail`)."""
        tail = trouble("tail")
        rare = tail if tail and next(self.requests) % 33 == 0 else 0
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
