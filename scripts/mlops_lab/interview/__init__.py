"""The question bank, the deck that remembers, and the drill in the terminal.

It may import toolchain and core.
"""

from typing import Literal

Level = Literal["junior", "mid", "senior"]
# Of one session of the drill, unless a person says otherwise: questions in all, and new ones.
SESSION, NEW = 20, 10
