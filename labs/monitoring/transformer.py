"""A KServe transformer: callers send numbers of customers, and the model gets their rows.

`python transformer.py --profiles URL --predictor_host HOST:PORT --http_port PORT`
"""

import argparse

import api
import httpx
import observed
from kserve import Model
from kserve.errors import InvalidInput
from kserve.model_server import app
from opentelemetry import trace


class Exemplary(observed.Measured):
    """Hangs an example on each bucket: the last request that fell into it."""

    def note(self, code, seconds):
        """As before, and which request it was."""
        span = trace.get_current_span().get_span_context()
        example = {"trace_id": f"{span.trace_id:032x}"}
        super().note(code, seconds, example if span.trace_flags.sampled else None)


class Transformer(Model):
    """The profile of each customer, then the model's answer."""

    def __init__(self, profiles: str):
        super().__init__("churn")
        self.profiles = httpx.AsyncClient(base_url=profiles, timeout=30)
        self.ready = True

    async def profile(self, number: int) -> dict:
        """What is known of one customer."""
        answer = await self.profiles.get(f"/customers/{number}")
        if answer.status_code == 404:
            raise InvalidInput(f"There is no customer {number}.")
        return answer.raise_for_status().json()

    async def preprocess(self, payload, headers=None):
        """Rows for numbers."""
        numbers = payload["instances"]
        rows = [await self.profile(number) for number in numbers]
        return {"instances": rows}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(parents=[api.kserve_parser])
    parser.add_argument("--profiles", required=True)
    args = parser.parse_args()
    app.add_middleware(Exemplary)
    api.Server("127.0.0.1", http_port=args.http_port, enable_grpc=False, workers=1).start(
        [Transformer(args.profiles)]
    )
