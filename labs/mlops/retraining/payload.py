"""Find out which batch to train on: the one that the event names, else the newest in S3."""

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


def checked(payload: Any, bucket: str) -> tuple[str, str]:
    """Return uri and md5 of a payload.

    Only the project's own bucket is read: whoever may send an event must not choose the data's
    owner as well.
    """
    if not isinstance(payload, dict):
        raise Unusable(f"client_payload must be an object, not {payload!r}")
    for name in sorted(FIELDS ^ set(payload)):
        why = "missing" if name in FIELDS else "not expected; there are uri and md5"
        raise Unusable(f"client_payload.{name} is {why}")
    try:
        place, md5 = storage.place_of(str(payload["uri"])), payload["md5"]
    except Unusable as error:
        raise Unusable(f"client_payload.uri: {error}") from None
    if place.bucket != bucket:
        raise Unusable(f"client_payload.uri must be in the bucket {bucket}, not {place.bucket!r}")
    if not isinstance(md5, str) or not MD5.fullmatch(md5):
        raise Unusable(f"client_payload.md5 must be 32 hex digits, not {md5!r}")
    return str(place), md5


def newest(bucket: str, limits: dict[str, Any]) -> tuple[str, str]:
    """Return uri and md5 of the newest batch; the md5 is empty if its uploader gave none.

    An object's ETag is no substitute: after an upload in parts it is not the content's md5.
    """
    where = f"s3://{bucket}/{INCOMING}"
    with storage.reading(where, limits) as s3:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=INCOMING)
        objects = [one for page in pages for one in page.get("Contents", [])]
        found = [one for one in objects if storage.KEY.fullmatch(one["Key"])]
        if not found:
            raise Unusable(f"there is no .csv file under {where}")
        key = max(found, key=lambda item: (item["LastModified"], item["Key"]))["Key"]
        md5 = s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("md5", "")
    return str(storage.Place(bucket, key)), md5 if MD5.fullmatch(md5) else ""


def read_payload() -> Any:
    """Return the payload in GitHub's event file; None without file, or of a schedule."""
    if not (path := os.environ.get("GITHUB_EVENT_PATH")):
        return None
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"the event {path} cannot be read: {error}") from error
    if not isinstance(event, dict):
        raise Unusable("the event is not a JSON object")
    return event.get("client_payload")


@finish
def main() -> None:
    """Print the batch, and hand it to the next steps."""
    bucket, payload = need("BUCKET"), read_payload()
    if payload is not None:
        how, (uri, md5) = "named by the event", checked(payload, bucket)
    elif os.environ.get("GITHUB_EVENT_NAME") == "repository_dispatch":
        raise Unusable("client_payload is missing; it must hold uri and md5")
    else:
        how, (uri, md5) = "the newest", newest(bucket, settings()["fetch"])
    print(f"batch: {uri}, {how}; md5 {md5 or 'not given'}")
    output(uri=uri, md5=md5)


if __name__ == "__main__":
    sys.exit(main())
