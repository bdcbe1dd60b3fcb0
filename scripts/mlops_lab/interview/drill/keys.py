"""What a person presses: single keys at a terminal, else lines of the input."""

import os
import re
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

GO = " "  # on: Space, Enter, or an empty line
_END = "\x04"  # Ctrl-D
_ERASE, _KILL = "\x7f\b", "\x15"  # Backspace and Ctrl-U
# Arrows and the like send several characters, which are one key of no meaning here.
_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O])?|.", re.DOTALL)


class Keys(Protocol):
    """Where keys come from. Both end in EOFError."""

    single: bool  # whether a key needs no Enter

    def key(self) -> str:
        """The next key, or what a line says instead of it."""

    def line(self) -> str:
        """A whole line, as it was typed."""


class Lines:
    """A pipe: a line is a key, or a typed answer. Python has no input where it was closed."""

    single = False

    def key(self) -> str:
        """The line's text; an empty one means on."""
        return self.line().strip() or GO

    def line(self) -> str:
        """The next line."""
        line = sys.stdin.readline() if sys.stdin else ""
        if not line:
            raise EOFError
        return line.rstrip("\r\n")


class Terminal:
    """Keys as they are pressed.

    Not click.getchar: it drops what was typed before it asks, and Ctrl-C is a character to it.
    """

    single = True

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)
        self._ahead = ""
        self._typing = False

    def again(self, number: int, frame: FrameType | None) -> None:
        """After Ctrl-Z: the shell has made the terminal its own."""
        if not self._typing:
            self.listen()

    def listen(self) -> None:
        """Take single keys from now on, without showing them; Ctrl-C stays a signal."""
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def leave(self) -> None:
        """Make the terminal what it was."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        """The next key."""
        if not self._ahead:
            self._ahead = self._read(64)
        match = _KEY.match(self._ahead)
        assert match
        key = match.group()
        self._ahead = self._ahead[len(key) :]
        if key == _END:
            raise EOFError
        return GO if key in "\r\n " else key

    def line(self) -> str:
        """A line that is typed with the terminal's own editing."""
        self._typing = True
        self.leave()
        try:
            # What was typed before the terminal knew comes raw, and without waiting for Enter.
            while "\n" not in self._ahead:
                self._ahead += self._read(4096)
        finally:
            self._typing = False
            self.listen()
        typed, _, self._ahead = self._ahead.partition("\n")
        return _edited(typed.rstrip("\r"))

    def _read(self, most: int) -> str:
        try:
            data = os.read(self._descriptor, most)
        except OSError:  # the terminal has gone
            data = b""
        if not data:
            raise EOFError
        return data.decode("utf-8", "replace")


def _edited(typed: str) -> str:
    """What was typed before the terminal edited the line, edited as it would have done."""
    line: list[str] = []
    for key in typed.rpartition(_KILL)[2]:
        line = line[:-1] if key in _ERASE else [*line, key]
    return "".join(line)


@contextmanager
def keys() -> Iterator[Keys]:
    """The keys of whoever sits there; the terminal is as before at the end, however it comes."""
    if not (sys.stdin and sys.stdin.isatty()):
        yield Lines()
        return
    terminal = Terminal(sys.stdin.fileno())
    terminal.listen()
    before = signal.signal(signal.SIGCONT, terminal.again)
    try:
        yield terminal
    finally:
        signal.signal(signal.SIGCONT, before)
        terminal.leave()
