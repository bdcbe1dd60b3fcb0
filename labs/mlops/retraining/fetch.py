"""Download the new batch from S3 and check its md5."""

import os
import sys
from typing import Any

from delivery.shell import md5_of, need, output

from retraining import storage
from retraining.step import NEW, Unusable, finish, settings


def fetch(uri: str, md5: str, limits: dict[str, Any]) -> str:
    """Bring the object to data/new.csv and return its md5.

    On failure no file is left there, not even an old one.
    """
    NEW.parent.mkdir(parents=True, exist_ok=True)
    NEW.unlink(missing_ok=True)
    place, most = storage.place_of(uri), limits["max_bytes"]
    with storage.reading(str(place), limits) as s3:
        # Not by HEAD, whose answer has no body and so no words for what is wrong.
        answer = s3.get_object(Bucket=place.bucket, Key=place.key)
        answer["Body"].close()
        if (size := answer["ContentLength"]) > most:
            raise Unusable(f"{place} has {size} bytes, more than fetch.max_bytes, {most}")
        s3.download_file(place.bucket, place.key, str(NEW))
    found = md5_of(NEW)
    if md5 and found != md5:
        NEW.unlink()
        raise Unusable(f"{place} has md5 {found}; {md5} was announced")
    return found


@finish
def main() -> None:
    """Download and report; a workflow hands the values over in variables, not in a shell line."""
    announced = os.environ.get("BATCH_MD5", "")
    md5 = fetch(need("BATCH_URI"), announced, settings()["fetch"])
    said = "as announced" if announced else "nothing to check it with"
    print(f"{NEW}: {NEW.stat().st_size} bytes, md5 {md5}, {said}")
    output(md5=md5)


if __name__ == "__main__":
    sys.exit(main())
