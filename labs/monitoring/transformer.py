"""A KServe transformer: callers send numbers of customers, and the model gets their rows.

`python transformer.py --profiles URL --predictor_host HOST:PORT --http_port PORT`
"""

import argparse

import httpx
from kserve import Model, ModelServer
from kserve.errors import InvalidInput
from kserve.model_server import app, parser
from measured import Measured
from opentelemetry import trace


class Exemplary(Measured):
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


class Local(ModelServer):
    """KServe's server, for this machine alone; none of the model's packages are loaded."""

    async def _serve(self):
        self._rest_server.config.host = "127.0.0.1"
        await super()._serve()


if __name__ == "__main__":
    own = argparse.ArgumentParser(parents=[parser])
    own.add_argument("--profiles", required=True)
    args = own.parse_args()
    app.add_middleware(Exemplary)
    Local(http_port=args.http_port, enable_grpc=False, workers=1).start(
        [Transformer(args.profiles)]
    )
