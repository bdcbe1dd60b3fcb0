"""What is on the screen: a head that stays on top, and below it what was revealed last."""

from collections.abc import Iterator, Sequence
from itertools import chain, dropwhile

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import ControlType, Segment, Segments
from rich.text import Text

WIDEST = 90  # columns of text; longer lines are hard to read
LEAST = 3  # lines that are shown at a time, however small the screen is
Lines = list[list[Segment]]


class Screen:
    """A terminal that begins anew when something has no room, or a stream that goes on."""

    def __init__(self, console: Console, *, live: bool) -> None:
        self._console = console
        self.live = live and console.is_terminal and not console.is_dumb_terminal
        self._head: Lines = []
        self._used = 0
        self._prompt = 0

    def begin(self, *head: RenderableType) -> None:
        """A new question: from now on this is on top."""
        self._head = self._lines(head)
        if self.live:
            self._top()
        else:
            self._write([[], *self._head])

    def show(
        self,
        *blocks: RenderableType,
        context: Sequence[RenderableType] = (),
        room: RenderableType = "",
    ) -> Iterator[bool]:
        """Show it below what there is, or, if it has no room, below the head and its context.

        A string stays one line, to be copied; other things are wrapped. What is longer than the
        screen comes in parts: one each time that the iterator goes on, which says whether there is
        more. `room` is the prompt that has to fit below.
        """
        lines, below = [[], *self._lines(blocks)], self._rows(self._lines([room]))
        if self.live and self._used + self._rows(lines) + below > self._console.height:
            self._top()
            self._write([[], *self._lines(context)] if context else [])
        while True:
            free = max(LEAST, self._console.height - self._used - below)
            part = self._part(lines, free) if self.live else lines
            self._write(part)
            lines = lines[len(part) :]
            yield bool(lines)
            if not lines:
                return
            self._top()
            self._write([[]] if _said(lines[0]) else [])

    def prompt(self, text: RenderableType) -> None:
        """Say which keys there are; at a terminal `answered` removes it."""
        lines = self._lines([text])
        if self.live and self._used + self._rows(lines) < self._console.height:
            lines = [[], *lines]
        self._prompt = self._rows(lines)
        self._print(lines[:-1])
        end = [] if self.live else [Segment.line()]
        self._console.print(Segments([*lines[-1], *end]), end="")

    def answered(self) -> None:
        """Remove the prompt."""
        if self.live:
            erase = (ControlType.ERASE_IN_LINE, 2)
            up = [(ControlType.CURSOR_UP, 1), erase] * (self._prompt - 1)
            self._console.control(Control(ControlType.CARRIAGE_RETURN, erase, *up))

    def say(self, text: str) -> None:
        """A line between."""
        self._write(self._lines([Text(text, "dim")]))

    def _top(self) -> None:
        self._console.clear()
        self._used = 0
        self._write(self._head)

    def _lines(self, blocks: Sequence[RenderableType]) -> Lines:
        return list(chain.from_iterable(map(self._rendered, blocks)))

    def _rendered(self, block: RenderableType) -> Lines:
        if isinstance(block, str):
            return [[Segment(block)]]
        options = self._console.options
        options = options.update(width=max(1, min(options.max_width, WIDEST)))
        lines = self._console.render_lines(block, options, pad=False)
        # A list of Markdown begins with an empty line.
        return list(dropwhile(lambda line: not _said(line), lines))

    def _part(self, lines: Lines, free: int) -> Lines:
        """As many lines as have room; up to the end of a paragraph, if one is not far."""
        if len(lines) <= free:
            return lines
        ends = [n for n in range(free // 2, free) if not _said(lines[n])]
        return lines[: max(ends, default=free)]

    def _rows(self, lines: Lines) -> int:
        """Lines of the terminal, which breaks those that are left whole to be copied."""
        lengths = (sum(cell_len(part.text) for part in line) for line in lines)
        return sum(max(1, -(-length // self._console.width)) for length in lengths)

    def _write(self, lines: Lines) -> None:
        self._used += self._rows(lines)
        self._print(lines)

    def _print(self, lines: Lines) -> None:
        for line in lines:
            self._console.print(Segments([*line, Segment.line()]), end="", soft_wrap=True)


def _said(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line).strip()
