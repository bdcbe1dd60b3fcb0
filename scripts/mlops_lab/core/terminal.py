"""What commands print to."""

from rich.console import Console

# More than any line needs: rich takes 80 where it sees no terminal.
ENDLESS = 10_000


def unbroken() -> Console:
    """A console that breaks no line: a URL or a path can be copied whole, also from a pipe.

    On a terminal that is narrower the terminal itself wraps the line, and knows that it is one.
    """
    return Console(width=ENDLESS)
