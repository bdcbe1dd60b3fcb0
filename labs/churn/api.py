"""Serve the churn model over the V1 and V2 inference protocols with KServe's model server."""

import argparse
import json
import math
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
import yaml
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from kserve import InferInput, InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.errors import InvalidInput
from kserve.model_server import app
from kserve.model_server import parser as kserve_parser
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits
from train import TRUSTED_TYPES

Row = dict[str, Any]
DEFAULT_THRESHOLD = 0.5
LARGEST_NUMBER = 1e12


def load_model(folder: Path) -> Pipeline:
    """Load the model that train.py wrote, or that was downloaded from MLflow: same file name."""
    return skops.io.load(folder / "model.skops", trusted=TRUSTED_TYPES)


def load_threshold(folder: Path) -> float:
    """Read the threshold from train.py's model.json or from the metadata of an MLflow model."""
    if (folder / "model.json").exists():
        return float(json.loads((folder / "model.json").read_text(encoding="utf-8"))["threshold"])
    if (folder / "MLmodel").exists():
        described = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
        return float((described.get("metadata") or {}).get("threshold", DEFAULT_THRESHOLD))
    return DEFAULT_THRESHOLD


def input_columns(model: Pipeline) -> dict[str, list[str]]:
    """Ask the model which columns it was trained on: {"numeric": [...], "categorical": [...]}."""
    fitted = model.named_steps["prepare"].transformers_
    return {name: list(columns) for name, _, columns in fitted if name != "remainder"}


def instances_of(payload: Any) -> list[Row]:
    """Return the rows of a V1 request."""
    if isinstance(payload, bytes):
        # kserve decodes no other type, not even with a charset behind it.
        raise InvalidInput('The header Content-Type must be "application/json".')
    if not isinstance(payload, dict) or "instances" not in payload:
        raise InvalidInput('The body must be a JSON object with the key "instances".')
    instances = payload["instances"]
    if not isinstance(instances, list) or not instances:
        raise InvalidInput('"instances" must be a list with at least one row.')
    for number, row in enumerate(instances):
        if not isinstance(row, dict):
            raise InvalidInput(f"Row {number} must be an object of column names and values.")
    return instances


def tensor_values(tensor: InferInput) -> list[Any]:
    """Return the values of one V2 tensor, which holds one column."""
    try:
        # Binary tensors carry no JSON data; they are decoded by the declared type.
        values = tensor.as_numpy().ravel().tolist() if tensor.data is None else tensor.data
        values = [v.decode("utf-8") if isinstance(v, bytes) else v for v in values]
    except (TypeError, ValueError) as error:
        raise InvalidInput(f'Tensor "{tensor.name}" cannot be decoded: {error}.') from error
    if math.prod(tensor.shape) != len(values):
        raise InvalidInput(
            f'Tensor "{tensor.name}" has {len(values)} values, but its shape is {tensor.shape}.'
        )
    return values


def tensor_rows(request: InferRequest) -> list[Row]:
    """Return the rows of a V2 request, in which every tensor is a named column."""
    columns = {tensor.name: tensor_values(tensor) for tensor in request.inputs}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidInput("All tensors must have the same number of values.")
    if lengths in (set(), {0}):
        raise InvalidInput('"inputs" must hold one tensor per column, with at least one value.')
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def number_of(value: Any, column: str, row: int) -> float:
    """Return a number, or NaN for a missing one."""
    if value is None or value != value:
        return math.nan
    # bool is a kind of int in Python, but true is not a price.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f'Column "{column}" of row {row} must be a number or null.')
    if abs(value) > LARGEST_NUMBER:
        raise InvalidInput(f'Column "{column}" of row {row} is larger than {LARGEST_NUMBER:g}.')
    return float(value)


def text_of(value: Any, column: str, row: int) -> Any:
    """Return a category, or NaN for a missing one. Unknown categories are the model's to handle."""
    if value is None:
        return math.nan
    if not isinstance(value, str):
        raise InvalidInput(f'Column "{column}" of row {row} must be a string or null.')
    return value


def to_frame(rows: list[Row], columns: dict[str, list[str]]) -> pd.DataFrame:
    """Check the rows and turn them into the model's input. Other columns are ignored."""
    for number, row in enumerate(rows):
        missing = [name for names in columns.values() for name in names if name not in row]
        if missing:
            raise InvalidInput(f"Row {number} lacks the column(s): {', '.join(missing)}.")
    content: dict[str, pd.Series] = {}
    for kind, read, dtype in (("numeric", number_of, "float64"), ("categorical", text_of, object)):
        for name in columns[kind]:
            values = [read(row[name], name, number) for number, row in enumerate(rows)]
            content[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(content)


class ChurnModel(Model):
    """The model behind both protocols."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self.folder = folder

    def load(self) -> bool:
        """Read the model; kserve calls a model ready only after this."""
        self.model = load_model(self.folder)
        self.threshold = load_threshold(self.folder)
        self.columns = input_columns(self.model)
        self.ready = True
        return self.ready

    def get_input_types(self) -> list[Row]:
        """Describe the inputs for GET /v2/models/NAME."""
        datatypes = {"numeric": "FP64", "categorical": "BYTES"}
        return [
            {"name": name, "datatype": datatypes[kind], "shape": [-1]}
            for kind, names in self.columns.items()
            for name in names
        ]

    def get_output_types(self) -> list[Row]:
        """Describe the outputs for GET /v2/models/NAME."""
        return [
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
            {"name": "churn", "datatype": "BOOL", "shape": [-1]},
        ]

    def predict(
        self, payload: Row | InferRequest, headers: dict[str, str] | None = None
    ) -> Row | InferResponse:
        """Answer a request in the protocol that it came in."""
        if isinstance(payload, InferRequest):
            return self.answer_v2(payload)
        probability = self.probability(instances_of(payload))
        answers = [
            {"churn": bool(value >= self.threshold), "probability": float(value)}
            for value in probability
        ]
        return {"predictions": answers}

    def answer_v2(self, request: InferRequest) -> InferResponse:
        """Answer with one tensor per output."""
        probability = self.probability(tensor_rows(request))
        outputs = []
        for name, datatype, values in (
            ("probability", "FP64", probability),
            ("churn", "BOOL", probability >= self.threshold),
        ):
            output = InferOutput(name, list(values.shape), datatype)
            output.set_data_from_numpy(values, binary_data=request.use_binary_outputs)
            outputs.append(output)
        # The id is optional in a request, but kserve insists on one in the answer.
        return InferResponse(request.id or str(uuid.uuid4()), self.name, outputs)

    def probability(self, rows: list[Row]) -> np.ndarray:
        """Return the probability of churn for each row."""
        frame = to_frame(rows, self.columns)
        return self.model.predict_proba(frame)[:, 1].round(6)


async def malformed_request(_: Request, error: RequestValidationError) -> JSONResponse:
    """Answer a V2 body of the wrong form like any other bad input: FastAPI alone would say 422."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "InferenceRequest")
    return JSONResponse({"error": f"Invalid request, {place}: {first['msg']}."}, status_code=400)


class Server(ModelServer):
    """KServe's server, on a chosen host: its own code always binds to all interfaces."""

    def __init__(self, http_host: str, **options: Any) -> None:
        super().__init__(**options)
        self.http_host = http_host
        app.add_exception_handler(RequestValidationError, malformed_request)

    async def _serve(self) -> None:
        # The REST server exists by now, but uvicorn reads the host only when it binds.
        self._rest_server.config.host = self.http_host
        await super()._serve()


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line: kserve's own options and two more."""
    parser = argparse.ArgumentParser(description=__doc__, parents=[kserve_parser])
    parser.add_argument("--model_dir", type=Path, default=Path("models"))
    parser.add_argument("--http_host", default="127.0.0.1", help="0.0.0.0 inside a container")
    # One process and one port are enough for a model this small.
    parser.set_defaults(model_name="churn", enable_grpc=False)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Load the model and serve it until a signal ends the process."""
    args = parse_args(argv)
    # More threads only wait for each other on such small requests.
    threadpool_limits(1)
    model = ChurnModel(args.model_name, args.model_dir)
    model.load()
    Server(args.http_host, http_port=args.http_port, enable_grpc=args.enable_grpc, workers=1).start(
        [model]
    )


if __name__ == "__main__":
    main()
