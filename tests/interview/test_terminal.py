"""`lab drill` at a terminal: single keys, a screen that begins anew, and how it is left."""

import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import Mini
from interview.test_drill import bank
from interview.typist import CLEAR, CONTROL, Typist, at_terminal, screen

QUESTION = "What is it that is asked?"
LONG = " ".join(f"word{n}" for n in range(190)) + " end."


@pytest.fixture(autouse=True)
def questions(mini: Mini) -> None:
    bank(mini, "dvc-one", "dvc-two", "dvc-three")


@contextmanager
def drill(mini: Mini, data: Path, *options: str, **more: Any) -> Iterator[Typist]:
    """A session in its first question."""
    columns, rows = more.pop("columns", 80), more.pop("rows", 24)
    env = {k: v for k, v in mini.env(LAB_DATA=str(data)).items() if k not in ("COLUMNS", "LINES")}
    env.pop("NO_COLOR", None)
    with at_terminal(
        "drill", *options, env={**env, "TERM": "xterm-256color", **more}, columns=columns, rows=rows
    ) as typist:
        yield typist


def test_one_key_each_and_no_enter(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path) as typist:
        typist.sees("dvc-one", "? help")
        typist.types(" ")
        typist.sees("words and words", "the points")
        typist.types("\r")
        typist.sees("Did you say", "3 points", "the trap")
        typist.types("3")
        typist.sees("dvc-one: good", "dvc-two", "? help")
        typist.types("u")
        typist.sees("is taken back", "dvc-one", "? help")
        typist.types("q")
        typist.ends(0)
        assert "nothing graded" in typist.written


def test_keys_that_come_before_they_are_asked_for_are_not_lost(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path) as typist:
        typist.types("  2tan answer\n 3sq")
        typist.ends(0)
        assert "You: an answer" in CONTROL.sub("", typist.written)
        assert "2 graded: 1 hard, 1 good" in typist.written


def test_the_answer_s_first_line_is_on_top_below_the_question(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", answer=f"First line of it. {LONG}")
    with drill(mini, tmp_path, rows=24) as typist:
        typist.sees("? help")
        typist.types(" ")
        lines = screen(typist.sees("the points", "? help"))
        assert lines[0].startswith("1 to go · mid · dvc-one · ")
        assert lines[1] == QUESTION
        assert lines[3].startswith("First line of it.")
        assert len(lines) <= 24


@pytest.mark.parametrize(("columns", "rows"), [(80, 12), (30, 24), (20, 16)])
def test_what_is_longer_than_the_screen_comes_in_parts(
    mini: Mini, tmp_path: Path, columns: int, rows: int
) -> None:
    bank(mini, "dvc-one", answer=LONG)
    words: list[str] = []
    with drill(mini, tmp_path, columns=columns, rows=rows) as typist:
        typist.sees("help")
        more = True
        while more:
            typist.types(" ")
            # A prompt may be broken anywhere between two words.
            lines = screen(typist.sees("help"))
            assert len(lines) <= rows
            assert QUESTION in " ".join(map(str.strip, lines))
            words += [w for line in lines for w in line.split() if w.startswith("word")]
            more = "the rest" in " ".join(map(str.strip, lines))
    assert words == [word for word in LONG.split() if word.startswith("word")]
    assert rows > 20 or len(words) > rows


def test_what_has_room_is_added_below(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path, rows=50) as typist:
        typist.sees("? help")
        typist.types(" ")
        typist.sees("the points", "? help")
        for stage in ("Did you say", "The trap", "Then they ask (1 of 1)"):
            typist.types(" ")
            assert CLEAR not in typist.sees(stage, "? help")


@pytest.mark.parametrize("rows", [11, 15, 40])
def test_a_follow_up_s_answer_stands_below_its_question(
    mini: Mini, tmp_path: Path, rows: int
) -> None:
    with drill(mini, tmp_path, rows=rows) as typist:
        seen = typist.sees("? help")
        for stage in ("the points", "the trap", "what they ask", "say it aloud", "That comes"):
            typist.types(" ")
            seen += typist.sees(stage, "? help")
        lines = [line.rstrip() for line in screen(seen)]
        assert lines[1] == QUESTION
        place = lines.index("And what comes then?")
        assert "That comes then." in lines[place:]


def test_a_typed_answer_is_edited_and_stays_above_the_answer(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path) as typist:
        typist.sees("? help")
        typist.types("t")
        typist.sees("Enter ends it")
        typist.types("skip?\x15naïve q\x7f1")
        typist.types("\r")
        lines = screen(typist.sees("You: ", "words", "the points"))
        assert lines[1] == QUESTION
        assert lines[3] == "You: naïve 1"
        assert lines[5].startswith("words and")


def test_what_is_typed_ahead_is_edited_too(mini: Mini, tmp_path: Path) -> None:
    """All at once: the terminal gets it before it knows that a line comes."""
    with drill(mini, tmp_path) as typist:
        typist.sees("? help")
        typist.types("tskip?\x15naïve q\x7f1\r")
        lines = screen(typist.sees("You: ", "words", "the points"))
        assert lines[3] == "You: naïve 1"


def test_keys_of_no_meaning_show_the_keys(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path) as typist:
        typist.sees("? help")
        for key in ("\x1b[A", "x", "?", "\x1b"):
            typist.types(key)
            assert (
                typist.sees("Keys", "u  take the last grade back", "say it aloud").count("Keys")
                == 1
            )


@pytest.mark.parametrize(("key", "status"), [("\x04", 0), ("\x03", 130)])
def test_an_end_at_any_time_says_what_was_done(
    mini: Mini, tmp_path: Path, key: str, status: int
) -> None:
    with drill(mini, tmp_path) as typist:
        before = termios.tcgetattr(typist.theirs)
        typist.sees("? help")
        assert termios.tcgetattr(typist.theirs) != before
        typist.types("  4")
        typist.sees("dvc-two", "? help")
        typist.types(" " + key)
        typist.ends(status)
        assert "1 graded: 1 easy" in typist.written
        assert termios.tcgetattr(typist.theirs) == before
    with drill(mini, tmp_path) as typist:
        assert "2 to go" in typist.sees("dvc-two", "? help")


def test_a_terminal_that_goes_away_ends_it(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path) as typist:
        typist.sees("? help")
        typist.process.send_signal(signal.SIGHUP)
        typist.ends(128 + signal.SIGHUP)


def test_after_a_stop_it_takes_single_keys_again(mini: Mini, tmp_path: Path) -> None:
    """A shell gives its own settings to the terminal while the program is stopped."""
    with drill(mini, tmp_path) as typist:
        shell = termios.tcgetattr(typist.theirs)
        typist.sees("? help")
        typist.process.send_signal(signal.SIGSTOP)
        termios.tcsetattr(typist.theirs, termios.TCSANOW, shell)
        typist.process.send_signal(signal.SIGCONT)
        typist.types(" ")
        typist.sees("words and words")


def test_without_colors_headings_still_look_like_headings(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path, NO_COLOR="1") as typist:
        typist.sees("? help")
        typist.types("  ")
        seen = typist.sees("Did you say", "3 points")
        assert "\x1b[1;4mDid you say\x1b[0m" in seen
        assert "\x1b[3" not in seen.replace("\x1b[3m", "")


def test_a_dumb_terminal_gets_plain_lines(mini: Mini, tmp_path: Path) -> None:
    with drill(mini, tmp_path, TERM="dumb") as typist:
        typist.sees("? help")
        typist.types("  3q")
        typist.ends(0)
        assert "Did you say" in typist.written
        assert "\x1b[2" not in typist.written
