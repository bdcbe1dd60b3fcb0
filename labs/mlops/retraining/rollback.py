"""Give the alias `champion` back to the version before; --forward undoes that.

The version that is taken back keeps the alias `withdrawn`. So a second rollback, by a colleague who
has seen the same alert, finds no former champion and changes nothing.
"""

import argparse
import sys
import time

from delivery.shell import output

from retraining.model_registry import CHAMPION, FORMER, WITHDRAWN, Registry
from retraining.step import Refused, finish


def move(registry: Registry, source: str, keep: str) -> tuple[str, str]:
    """Point champion to where `source` points, and `keep` to where champion pointed."""
    aliases = registry.aliases()
    for name in (CHAMPION, source):
        if name not in aliases:
            raise Refused(f"{registry.model} has no alias {name}, so there is nothing to go to")
    before, after = aliases[CHAMPION], aliases[source]
    # A call that broke off may have moved the champion already.
    if before != after:
        registry.point(keep, before)
        registry.point(CHAMPION, after)
    registry.drop(source)
    return before, after


@finish
def run(forward: bool) -> None:
    """Move the alias and report."""
    registry = Registry()
    began = time.perf_counter()
    source, keep = (WITHDRAWN, FORMER) if forward else (FORMER, WITHDRAWN)
    before, after = move(registry, source, keep)
    seconds = time.perf_counter() - began
    print(f"champion of {registry.model}: version {after}, before: {before}; {seconds:.2f} s")
    output(version=after, replaced=before)


def main(argv: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forward", action="store_true", help="undo the last rollback")
    return run(parser.parse_args(argv).forward)


if __name__ == "__main__":
    sys.exit(main())
