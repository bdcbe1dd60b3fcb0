"""One question: asked, revealed in stages, and graded by the person who answered."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from fsrs import Rating
from rich.console import RenderableType
from rich.text import Text

from mlops_lab.interview.bank import Entry, spoken
from mlops_lab.interview.drill.keys import GO, Keys
from mlops_lab.interview.drill.screen import Screen
from mlops_lab.interview.drill.stages import Stage, evidence, heading, stages

GRADES = {"1": Rating.Again, "2": Rating.Hard, "3": Rating.Good, "4": Rating.Easy}
HELP = """\
Space or Enter  goes on: the answer, the points, the trap, what is asked further
1  again  you did not know it, or said the trap; it comes back in this session
2  hard   you got there, with gaps or long pauses; it counts as known
3  good   you said it in time, with its points
4  easy   it came at once, and so did what is asked further
t  type the answer before it is shown
e  evidence: the cells that prove it, and what was read
s  skip this one       u  take the last grade back
q  or Ctrl-D end; every grade is kept at once
"""
Clock = Callable[[], float]


@dataclass(frozen=True)
class Done:
    """How a question ended: with a grade, or by `s`, `u` or `q`; and after how many ms."""

    action: str
    spent: int


class Play:
    """One question in play."""

    def __init__(
        self, screen: Screen, keys: Keys, entry: Entry, clock: Clock = time.monotonic
    ) -> None:
        self._screen = screen
        self._keys = keys
        self._entry = entry
        self._clock = clock
        self._on = "Space" if keys.single else "Enter"
        self._began = clock()
        self._stages: list[Stage] = []

    def play(self, place: str, before: str = "") -> Done:
        """Ask, reveal, and return what the person made of it.

        `place` says where in the session this is, `before` what became of the question before.

        Raises:
            EOFError: the person has enough.
        """
        question = Text(self._entry.question, "bold")
        news = [Text(before, "dim")] if before else []
        self._screen.begin(*news, Text(place, "dim"), question)
        action, typed = self._think()
        if action:
            return self._done(action)
        took = spoken(self._clock() - self._began)
        if self._screen.live:
            self._screen.begin(Text(f"{place} · {took}", "dim"), question)
        else:
            self._screen.say(took)
        return self._done(self._revealed([Text(f"You: {typed}\n", "italic")] if typed else []))

    def _revealed(self, typed: Sequence[RenderableType]) -> str:
        """Show one stage after the other, the first below what was typed; returns an action."""
        first, *rest = self._stages
        left = [replace(first, blocks=[*typed, *first.blocks]), *rest]
        for stage, behind in zip_longest(left, left[1:]):
            if action := self._reveal(stage, behind):
                return action
        raise AssertionError("the last stage ends with an action")

    def _done(self, action: str) -> Done:
        return Done(action, round(1000 * (self._clock() - self._began)))

    def _think(self) -> tuple[str, str]:
        """Wait for the answer: an action, or none and what was typed."""
        keys = "t type it · s skip · u undo · q quit · ? help"
        prompt = Text(f"say it aloud, then {self._on} · {keys}", "dim")
        while True:
            key = self._ask(prompt)
            if key in ("s", "u", "q"):
                return key, ""
            if key == "t":
                self._screen.prompt(Text("Enter ends it: ", "dim"))
                return "", self._keys.line().strip()
            if key == GO:
                return "", ""
            if not self._keys.single and len(key) > 1:
                return "", key
            self._help()

    def _reveal(self, stage: Stage, behind: Stage | None) -> str:
        """Show a stage and return an action, or nothing once the person goes on."""
        then = behind.name if behind else ""
        room = self._prompt(stage, then)
        for more in self._screen.show(*stage.blocks, context=stage.context, room=room):
            prompt = self._prompt(stage, "the rest" if more else then)
            if action := self._act(stage, prompt, last=not (more or then)):
                return action
        return ""

    def _act(self, stage: Stage, prompt: Text, last: bool) -> str:
        while True:
            key = self._ask(prompt)
            if key in ("s", "u", "q") or (stage.graded and key in GRADES):
                return key
            if key == GO and not last:
                return ""
            if key == "e":
                for _ in self._screen.show(*evidence(self._entry), room=prompt):
                    pass
            elif key == GO:
                self._screen.say("that was all of it: 1, 2, 3 or 4 ends the question")
            elif key in GRADES:
                self._screen.say(f"first the points, then the grade: {self._on} goes on")
            else:
                self._help()

    def _prompt(self, stage: Stage, then: str) -> Text:
        on = f"{self._on}: {then} · " if then else ""
        if stage.ask:
            on = f"say it aloud, then {self._on} · "
        keys = f"{on}e evidence · s skip · ? help"
        points = f"{len(self._entry.key_points)} points"
        grades = f"{points}: 1 again, not known · 2 hard, gaps · 3 good, said · 4 easy, at once"
        return Text(f"{grades}\n{keys}" if stage.graded else keys, "dim")

    def _ask(self, prompt: Text) -> str:
        self._screen.prompt(prompt)
        # While the person thinks: what is behind the answer takes a moment to load.
        self._stages = self._stages or list(stages(self._entry))
        try:
            return self._keys.key()
        finally:
            self._screen.answered()

    def _help(self) -> None:
        for _ in self._screen.show(heading("Keys"), Text(HELP.rstrip())):
            pass
