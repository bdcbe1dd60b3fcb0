"""S3, and trying again."""

import os
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from retraining.step import Unusable

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
KEY = re.compile(r"[A-Za-z0-9_./=-]+\.csv")
# Another try would get the same answer.
FINAL = {"NoSuchKey", "NoSuchBucket", "AccessDenied", "404", "403", "InvalidAccessKeyId"}
Result = TypeVar("Result")


class Place(NamedTuple):
    """Where an object is."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def place_of(uri: str) -> Place:
    """Take an address apart.

    Raises:
        ValueError: it is not of the form s3://bucket/key.csv.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    place = Place(bucket, key)
    if str(place) != uri or not BUCKET.fullmatch(bucket) or not KEY.fullmatch(key):
        raise ValueError(f"{uri!r} is not of the form s3://bucket/key.csv")
    return place


def client(timeout: float) -> Any:
    """Return a client that tries once: `again` does the rest. AWS_ENDPOINT_URL is boto3's own."""
    config = Config(
        retries={"total_max_attempts": 1}, connect_timeout=timeout, read_timeout=timeout
    )
    return boto3.client("s3", region_name=os.environ.get("AWS_REGION"), config=config)


def again(action: Callable[[], Result], what: str, limits: dict[str, Any]) -> Result:
    """Return the action's result, from a later try if need be.

    Raises:
        Unusable: it failed every time, or in a way that no other try can help.
    """
    wait, tries = limits["first_wait_seconds"], limits["tries"]
    for number in range(1, tries + 1):
        try:
            return action()
        except (BotoCoreError, ClientError) as error:
            if final(error):
                raise Unusable(f"{what} could not be read: {error}") from error
            if number == tries:
                raise Unusable(f"{what} could not be read after {tries} tries: {error}") from error
            print(f"{what}: try {number} of {tries} failed, the next in {wait:g} s")
            time.sleep(wait)
            wait *= 2
    raise ValueError("fetch.tries must be at least 1")


def final(error: Exception) -> bool:
    """Whether S3 has answered, and will answer so again."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in FINAL
