"""`lab mock`: the interview's arc, pauses, follow-ups by the last answer, and the report."""

import io
import itertools
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from rich.console import Console

from mlops_lab.commands import mock
from mlops_lab.core.errors import Busy, LabError
from mlops_lab.core.locks import take
from mlops_lab.interview import Level, bank, choice
from mlops_lab.interview.mock import arc, ask, report, run
from mlops_lab.interview.mock import sitting as sittings
from mlops_lab.interview.mock.sitting import Sitting

OWNER = {entry.id: topic.topic for topic in bank.topics() for entry in topic.questions}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data, here."""
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    return tmp_path


class Person:
    """Answers what is asked, and ends the input behind that."""

    def __init__(self, *said: str) -> None:
        self.said = list(said)

    def __call__(self, prompt: str) -> str:
        if not self.said:
            raise EOFError
        return self.said.pop(0)


def console(*said: str) -> Console:
    """One at which a person says this."""
    made = Console(file=io.StringIO(), width=80)
    made.input = Person(*said)  # type: ignore[assignment]
    return made


def sitting(*names: str, minutes: int = 30) -> Sitting:
    """An interview that asks these."""
    return Sitting(begun="2026-11-29T10:00:00+00:00", level="mid", role="mlops", minutes=minutes,
                   open=[("depth", name) for name in names])  # fmt: skip


def texts(made: Console) -> str:
    """What it has shown, on one line."""
    assert isinstance(made.file, io.StringIO)
    return " ".join(made.file.getvalue().split())


def test_the_command_offers_every_level_and_role() -> None:
    options = get_type_hints(mock.command)
    assert get_args(options["level"]) == choice.LEVELS
    assert get_args(options["role"]) == tuple(arc.ROLES)


@pytest.mark.parametrize(
    ("minutes", "level", "role"), [*itertools.product((30, 45, 60), choice.LEVELS, arc.ROLES)]
)
def test_an_interview_has_every_part_in_its_order_and_asks_nothing_twice(
    minutes: int, level: Level, role: str
) -> None:
    asked = arc.plan(level, role, minutes, seed=1)
    assert list(dict.fromkeys(a.part for a in asked)) == [part.name for part in arc.PARTS]
    assert len({a.entry.id for a in asked}) == len(asked)
    assert abs(len(asked) * arc.QUESTION - minutes) <= 2 * arc.QUESTION
    for part in arc.PARTS:
        topics = {OWNER[a.entry.id] for a in asked if a.part == part.name}
        assert topics <= set(part.topics or arc.ROLES[role])


@pytest.mark.parametrize("level", choice.LEVELS)
def test_depth_is_asked_at_the_level_from_as_many_topics_as_fit(level: Level) -> None:
    depth = [a.entry for a in arc.plan(level, "mlops", 60, seed=2) if a.part == "depth"]
    assert max(Counter(OWNER[entry.id] for entry in depth).values()) == 1
    assert sum(entry.level == level for entry in depth) >= len(depth) - 1


def test_what_was_asked_before_comes_last() -> None:
    first = {a.entry.id for a in arc.plan("mid", "mlops", 30, seed=3)}
    again = {a.entry.id for a in arc.plan("mid", "mlops", 30, before=first, seed=3)}
    assert not first & again


def test_a_topic_is_asked_again_only_when_no_other_has_a_new_question() -> None:
    depth = [entry for entry in bank.entries() if OWNER[entry.id] in arc.ROLES["ml"]]
    new = {entry.id for entry in depth if OWNER[entry.id] == "mlflow"}
    before = {entry.id for entry in depth} - new
    planned = arc.plan("mid", "ml", 45, before=before, seed=5)
    asked = {asked.entry.id for asked in planned if asked.part == "depth"}
    assert len(new) > len(asked)
    assert asked <= new


@pytest.mark.parametrize(("said", "number"), [("all", -1), ("none", 0), ("1", 0)])
def test_a_good_answer_is_followed_by_the_harder_question(said: str, number: int) -> None:
    entry = next(e for e in bank.entries() if len(e.follow_ups) > 1 and len(e.key_points) > 3)
    made = console("", said, "", "y")
    (answer,) = ask.ask(made, sitting(entry.id), interviewer=False).answers
    follow = entry.follow_ups[number]
    assert entry.follow_ups[answer.follow_up] == follow
    assert " ".join(follow.question.replace("`", "").split())[:40] in texts(made)
    assert answer.followed


@pytest.mark.parametrize(("last", "deep"), [("n", 2), ("y", 3)])
def test_a_chain_goes_on_for_as_long_as_the_answers_are_good(last: str, deep: int) -> None:
    entry = next(e for e in bank.entries() if e.chain)
    made = console("", "all", "", "y", "", "y", "", "y", "", last)
    done = ask.ask(made, sitting(entry.id), interviewer=False)
    assert [answer.deep for answer in done.answers] == [deep]
    assert (f"  - {entry.chain[2].question}" in report.report(done)) == (last == "n")


def test_nobody_is_asked_deeper_after_a_weak_answer() -> None:
    entry = next(e for e in bank.entries() if e.chain)
    done = ask.ask(console("", "none", "", "y"), sitting(entry.id), interviewer=False)
    assert [answer.deep for answer in done.answers] == [0]


def test_an_interviewer_reads_the_points_before_the_answer() -> None:
    entry = bank.entries()[0]
    for interviewer in (True, False):
        made = console()
        with pytest.raises(ask.Paused):
            ask.ask(made, sitting(entry.id), interviewer=interviewer)
        shown = entry.key_points[0].replace("`", "")[:30] in texts(made)
        assert shown == interviewer


def test_only_numbers_of_points_are_taken() -> None:
    entry = bank.entries()[0]
    made = console("", "7 8", "yes", "2, 1 1", "", "perhaps", "N")
    (answer,) = ask.ask(made, sitting(entry.id), interviewer=False).answers
    assert (answer.said, answer.followed) == ([1, 2], False)
    assert f"numbers from 1 to {len(entry.key_points)}" in texts(made)


def test_a_pause_keeps_what_was_answered_and_forgets_the_question_that_was_not() -> None:
    one, two = (entry.id for entry in bank.entries()[:2])
    with pytest.raises(ask.Paused):
        ask.ask(console("", "all", "", "y", ""), sitting(one, two), interviewer=False)
    kept = sittings.read(sittings.current())
    assert [answer.id for answer in kept.answers] == [one]
    assert kept.open == [("depth", two)]
    done = ask.ask(console("", "none", "", "n"), kept, interviewer=False)
    assert [answer.id for answer in done.answers] == [one, two]


def test_a_question_that_the_bank_no_longer_has_is_passed_over() -> None:
    entry = bank.entries()[0]
    done = ask.ask(console("", "all", "", "y"), sitting("gone-since", entry.id), interviewer=False)
    assert [answer.id for answer in done.answers] == [entry.id]


def test_a_question_that_was_renamed_since_is_asked_under_its_new_id() -> None:
    entry = next(entry for entry in bank.entries() if entry.was)
    done = ask.ask(console("", "none", "", "n"), sitting(entry.was[0]), interviewer=False)
    assert [answer.id for answer in done.answers] == [entry.id]


def test_the_time_ends_it() -> None:
    names = [entry.id for entry in bank.entries()[:3]]
    clock = itertools.count(step=1000).__next__  # each look at it is a quarter of an hour later
    made = console(*["", "all", "", "y"] * 3)
    done = ask.ask(made, sitting(*names), interviewer=False, clock=lambda: float(clock()))
    assert len(done.answers) == 1
    assert "time is up; 2 questions were not asked" in texts(made)


def answered(*scores: tuple[bank.Entry, Iterable[int], bool]) -> Sitting:
    """An interview that is over."""
    answers = [
        sittings.Answer(id=entry.id, part="depth", seconds=90, said=list(said),
                        points=len(entry.key_points), follow_up=0, followed=followed)
        for entry, said, followed in scores
    ]  # fmt: skip
    return sitting().model_copy(update={"answers": answers, "seconds": 600.0})


def test_the_report_says_what_was_missing_and_which_lab_has_it() -> None:
    good = bank.entries()[0]
    weak = next(e for e in bank.entries()[1:] if bank.cells(e))
    points = range(1, len(good.key_points) + 1)
    text = report.report(answered((good, points, True), (weak, [1], False)))
    assert "| depth | 2 |" in text
    assert f"- {good.question} (100%)" in text
    assert weak.key_points[0] not in text
    assert f"  - {weak.key_points[1]}" in text
    assert f"  - and to this: {weak.follow_ups[0].question}" in text
    assert f"`./lab drill --topic {OWNER[weak.id]}`: 1 of these" in text
    assert f"`./lab open {bank.cells(weak)[0].lab.split('-')[0]}`" in text


def test_a_report_does_without_a_follow_up_that_has_gone_since() -> None:
    weak = bank.entries()[0]
    over = answered((weak, [], False))
    late = over.answers[0].model_copy(update={"follow_up": len(weak.follow_ups)})
    text = report.report(over.model_copy(update={"answers": [late]}))
    assert f"  - {weak.key_points[0]}" in text
    assert "and to this" not in text


def test_an_interview_ends_in_files_and_in_the_plot(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = arc.plan("mid", "mlops", 30, seed=4)
    monkeypatch.setattr(arc, "plan", lambda *_, **__: planned)
    said = [["", "all", *["", "y"] * (1 + len(asked.entry.chain))] for asked in planned]
    monkeypatch.setattr("builtins.input", Person(*itertools.chain.from_iterable(said)))
    monkeypatch.setattr(Console, "input", lambda self, prompt: input(prompt))
    run.mock("mid", "mlops", 30, interviewer=False, afresh=False)
    kinds = sorted(path.suffix for path in (data / "mocks").iterdir())
    assert kinds == [".html", ".json", ".md"]
    capsys.readouterr()
    run.show_history()
    assert "mid     30 min  ██████████████████████████████ 100%" in capsys.readouterr().out


def test_a_second_terminal_is_refused_and_changes_nothing() -> None:
    sittings.write(sittings.current(), sitting("dvc-add-push-pull"))
    before = sittings.current().read_text()
    other = take(sittings.lock())
    assert other
    with other, pytest.raises(Busy, match="in another terminal"):
        run.mock("mid", "mlops", 30, interviewer=False, afresh=True)
    assert sittings.current().read_text() == before


def test_going_on_says_with_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sittings.write(sittings.current(), sitting("dvc-add-push-pull"))
    monkeypatch.setattr(Console, "input", Person())
    run.mock("senior", "ml", 60, interviewer=False, afresh=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "(30 minutes, mlops, mid); --afresh begins another" in said


def test_a_damaged_file_is_named_and_stays(data: Path) -> None:
    file = sittings.current()
    file.parent.mkdir()
    for text in ("{", "[]", json.dumps({"begun": "x", "newer": True})):
        file.write_text(text)
        with pytest.raises(LabError, match=r"current\.json: this is no interview"):
            run.mock("mid", "mlops", 30, interviewer=False, afresh=False)
        assert file.read_text() == text


def test_a_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_DATA", "/proc/nowhere")
    with pytest.raises(LabError, match=r"^/proc/nowhere/.*; LAB_DATA=FOLDER names another place$"):
        run.mock("mid", "mlops", 30, interviewer=False, afresh=False)
