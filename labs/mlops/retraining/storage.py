"""S3: addresses, a client that tries again, and what to say when that did not help."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from retraining.step import Unusable

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
KEY = re.compile(r"[A-Za-z0-9_./=-]+\.csv")


class Place(NamedTuple):
    """Where an object is."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def place_of(uri: str) -> Place:
    """Take an address apart."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    place = Place(bucket, key)
    if str(place) != uri or not BUCKET.fullmatch(bucket) or not KEY.fullmatch(key):
        raise Unusable(f"{uri!r} is not of the form s3://bucket/key.csv")
    return place


@contextmanager
def reading(what: str, limits: dict[str, Any]) -> Iterator[Any]:
    """Give a client that waits and tries again by itself, unless S3 has answered for good."""
    seconds = limits["timeout_seconds"]
    retries = {"mode": "standard", "total_max_attempts": limits["tries"]}
    config = Config(retries=retries, connect_timeout=seconds, read_timeout=seconds)
    try:
        # The address, if it is not Amazon's, comes from AWS_ENDPOINT_URL.
        yield boto3.client("s3", region_name=os.environ.get("AWS_REGION"), config=config)
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise Unusable(f"{what} could not be read: {error}") from error
