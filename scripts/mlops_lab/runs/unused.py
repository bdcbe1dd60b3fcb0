"""Imports of others that this process does not need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let these modules seem not to be installed, for imports in the body that can do without.

    One that has been imported already stays.
    """
    hidden = [name for name in names if name not in sys.modules]
    # None is what makes an import fail; the type does not know.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
