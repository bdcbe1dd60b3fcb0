"""Find out which batch to train on: the one that the event names, else the newest in S3."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from delivery.shell import need, output

from retraining import storage
from retraining.step import Unusable, finish, settings

FIELDS = {"uri", "md5"}
MD5 = re.compile(r"[0-9a-f]{32}")
INCOMING = "incoming/"


def payload_of(event: Any) -> Any:
    """Return the event's payload, or None if it is not a repository_dispatch."""
    if not isinstance(event, dict):
        raise Unusable("the event is not a JSON object")
    return event.get("client_payload")


def checked(payload: Any, bucket: str) -> tuple[str, str]:
    """Return uri and md5 of a payload.

    Only the project's own bucket is read: whoever may send an event must not choose the data's
    owner as well.

    Raises:
        Unusable: a field is missing, too many, or of another form.
    """
    if not isinstance(payload, dict):
        raise Unusable(f"client_payload must be an object, not {payload!r}")
    for name in sorted(FIELDS ^ set(payload)):
        why = "missing" if name in FIELDS else "not expected; there are uri and md5"
        raise Unusable(f"client_payload.{name} is {why}")
    uri, md5 = checked_uri(payload["uri"], bucket), payload["md5"]
    if not isinstance(md5, str) or not MD5.fullmatch(md5):
        raise Unusable(f"client_payload.md5 must be 32 hex digits, not {md5!r}")
    return uri, md5


def checked_uri(uri: Any, bucket: str) -> str:
    """Return the address if a later step may read it."""
    try:
        place = storage.place_of(str(uri))
    except ValueError as error:
        raise Unusable(f"client_payload.uri: {error}") from None
    if place.bucket != bucket:
        raise Unusable(f"client_payload.uri must be in the bucket {bucket}, not {place.bucket!r}")
    return str(place)


def newest(s3: Any, bucket: str) -> tuple[str, str]:
    """Return uri and md5 of the newest batch; the md5 is empty if its uploader gave none.

    An object's ETag is no substitute: after an upload in parts it is not the content's md5.

    Raises:
        Unusable: there is none.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=INCOMING)
    found = [
        o for page in pages for o in page.get("Contents", []) if storage.KEY.fullmatch(o["Key"])
    ]
    if not found:
        raise Unusable(f"there is no .csv file under s3://{bucket}/{INCOMING}")
    key = max(found, key=lambda item: (item["LastModified"], item["Key"]))["Key"]
    md5 = s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("md5", "")
    return str(storage.Place(bucket, key)), md5 if MD5.fullmatch(md5) else ""


def read_event(path: str | None) -> Any:
    """Read GitHub's event file; no file is no payload."""
    if not path:
        return {}
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"the event {path} cannot be read: {error}") from error


def run() -> None:
    """Print the batch, and hand it to the next steps."""
    bucket, limits = need("BUCKET"), settings()["fetch"]
    event = read_event(os.environ.get("GITHUB_EVENT_PATH"))
    payload = payload_of(event)
    if payload is None and os.environ.get("GITHUB_EVENT_NAME") == "repository_dispatch":
        raise Unusable("client_payload is missing; it must hold uri and md5")
    if payload is not None:
        how, (uri, md5) = "named by the event", checked(payload, bucket)
    else:
        s3 = storage.client(limits["timeout_seconds"])
        where = f"s3://{bucket}/{INCOMING}"
        how, (uri, md5) = "the newest", storage.again(lambda: newest(s3, bucket), where, limits)
    print(f"batch: {uri}, {how}; md5 {md5 or 'not given'}")
    output(uri=uri, md5=md5)


def main(argv: list[str] | None = None) -> int:
    """Check the event."""
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    return finish(run)


if __name__ == "__main__":
    sys.exit(main())
