"""Download the new batch from S3 and check its md5."""

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from delivery.shell import output

from retraining import storage
from retraining.step import Unusable, finish, settings

NEW = Path("data/new.csv")
BLOCK = 1 << 20


def download(s3: Any, place: storage.Place, part: Path, max_bytes: int) -> str:
    """Write the object to a file and return the md5 of what was written."""
    answer = s3.get_object(Bucket=place.bucket, Key=place.key)
    if answer["ContentLength"] > max_bytes:
        size = f"{answer['ContentLength']} bytes, more than fetch.max_bytes, {max_bytes}"
        raise Unusable(f"{place} has {size}")
    digest = hashlib.md5(usedforsecurity=False)
    with part.open("wb") as file:
        for block in answer["Body"].iter_chunks(BLOCK):
            file.write(block)
            digest.update(block)
    return digest.hexdigest()


def fetch(uri: str, md5: str, path: Path, limits: dict[str, Any]) -> str:
    """Bring the object to `path` and return its md5.

    On failure no file is left there, not even an old one.

    Raises:
        Unusable: the object cannot be read, is too large or is not the one that was announced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        place = storage.place_of(uri)
    except ValueError as error:
        raise Unusable(str(error)) from None
    part = path.with_name(path.name + ".part")
    s3 = storage.client(limits["timeout_seconds"])
    try:
        found = storage.again(
            lambda: download(s3, place, part, limits["max_bytes"]), str(place), limits
        )
        if md5 and found != md5:
            raise Unusable(f"{place} has md5 {found}; {md5} was announced")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return found


def run(args: argparse.Namespace) -> None:
    """Download and report."""
    md5 = fetch(args.uri, args.md5, args.out, settings()["fetch"])
    said = "as announced" if args.md5 else "nothing to check it with"
    print(f"{args.out}: {args.out.stat().st_size} bytes, md5 {md5}, {said}")
    output(md5=md5)


def main(argv: list[str] | None = None) -> int:
    """Read the command line; a workflow hands the values over in variables, not in a shell line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", default=os.environ.get("BATCH_URI"), help="default: $BATCH_URI")
    parser.add_argument("--md5", default=os.environ.get("BATCH_MD5", ""), help="$BATCH_MD5")
    parser.add_argument("--out", type=Path, default=NEW)
    args = parser.parse_args(argv)
    if not args.uri:
        parser.error("--uri or BATCH_URI is needed")
    return finish(lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
