"""Has a model been made from this batch already? Then the trigger came twice, and nothing is due.

GitHub starts a run for every dispatch, also for the same one again.
"""

import sys

from delivery.shell import md5_of, output

from retraining.model_registry import Registry
from retraining.step import NEW, finish, there


@finish
def main() -> None:
    """Look for a version whose tags name the batch, and tell later steps."""
    md5 = md5_of(there(NEW, made_by="fetch"))
    # A version that was not promoted broke off in the middle: trying again goes on from there.
    version = Registry().with_tags({"batch_md5": md5, "promoted": "true"})
    output(new=version is None)
    if version is None:
        print(f"no version has been made from {md5}")
    else:
        print(f"version {version} was made from {md5}: nothing to do")


if __name__ == "__main__":
    sys.exit(main())
