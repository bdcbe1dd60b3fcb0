"""The MLflow registry: its aliases, its models, and what to say when it does not answer."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from delivery.shell import md5_of, need

from retraining.step import Unusable, settings

CHAMPION, CHALLENGER, FORMER, WITHDRAWN = "champion", "challenger", "former", "withdrawn"
ARTIFACT = "model.skops"


class Registry:
    """The registered model that $MODEL names, on the server of $MLFLOW_TRACKING_URI."""

    def __init__(self) -> None:
        self.model, self.uri = need("MODEL"), need("MLFLOW_TRACKING_URI")
        limits = settings()["registry"]
        self.tries = limits["retries"] + 1
        # MLflow's client tries again by itself, for minutes if it is not told otherwise.
        os.environ |= {
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(limits["retries"]),
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": str(limits["backoff_seconds"]),
            "MLFLOW_HTTP_REQUEST_TIMEOUT": str(limits["timeout_seconds"]),
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        }
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
        # Imported here, because it takes seconds and reads the variables above.
        import mlflow

        self.mlflow, self.client = mlflow, mlflow.MlflowClient()

    @contextmanager
    def asked(self, what: str) -> Iterator[None]:
        """Turn the many errors of a request that failed in every try into one message."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        failures = self.mlflow.MlflowException, OSError, Boto3Error, BotoCoreError, ClientError
        try:
            yield
        except failures as error:
            said = (str(error) or type(error).__name__).splitlines()[0]
            tried = f"{what} failed, after up to {self.tries} tries"
            raise Unusable(f"{tried}: {said} ({self.uri})") from error

    def aliases(self) -> dict[str, str]:
        """Return the version of each alias; none if the model is not registered."""
        with self.asked("reading the aliases"):
            try:
                found = self.client.get_registered_model(self.model).aliases
            except self.mlflow.MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
                return {}
        return {alias: str(version) for alias, version in found.items()}

    def point(self, alias: str, version: str) -> None:
        """Set an alias; it moves in one step, so that every reader sees the old or the new."""
        with self.asked(f"setting the alias {alias}"):
            self.client.set_registered_model_alias(self.model, alias, version)

    def drop(self, alias: str) -> None:
        """Delete an alias."""
        with self.asked(f"deleting the alias {alias}"):
            self.client.delete_registered_model_alias(self.model, alias)

    def tag(self, version: str, name: str, value: str) -> None:
        """Set a tag of a version."""
        with self.asked(f"tagging version {version}"):
            self.client.set_model_version_tag(self.model, version, name, value)

    def version(self, number: str) -> Any:
        """Return all that is known of a version."""
        with self.asked(f"reading version {number}"):
            return self.client.get_model_version(self.model, number)

    def with_tags(self, tags: dict[str, str]) -> str | None:
        """Return the newest version that has these tags."""
        with self.asked("searching the versions"):
            found = self.client.search_model_versions(f"name = '{self.model}'")
        same = [int(v.version) for v in found if tags.items() <= v.tags.items()]
        return str(max(same)) if same else None

    def create(self, run_id: str, tags: dict[str, str]) -> str:
        """Make a version of a run's model, with its tags, in one request; return its number."""
        # MLflow tells on stderr what the step's own report says.
        with self.asked("registering the model"), redirect_stderr(io.StringIO()):
            made = self.mlflow.register_model(f"runs:/{run_id}/model", self.model, tags=tags)
        return str(made.version)

    def load(self, uri: str) -> tuple[Any, str]:
        """Download a model; return it and the md5 of its file."""
        with self.asked(f"downloading {uri}"):
            folder = Path(self.mlflow.artifacts.download_artifacts(uri))
            return self.mlflow.sklearn.load_model(str(folder)), md5_of(folder / ARTIFACT)
