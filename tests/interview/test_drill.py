"""`lab drill` through a pipe: lines in, text out."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT, Mini, run
from interview.examples import entry
from mlops_lab.commands.drill import COMMANDS
from mlops_lab.interview.drill.run import span

CHAIN = [
    {"question": f"And deeper, what is number {n}?", "answer": f"It is number {n}, I say."}
    for n in range(1, 4)
]


def bank(mini: Mini, *names: str, **change: Any) -> None:
    """A bank of one topic, whose questions are like one another."""
    questions = [{**entry(name).model_dump(mode="json"), **change} for name in names]
    topic = {
        "topic": "dvc",
        "title": "Data versioning",
        "about": "Questions about data versioning.",
        "questions": questions,
    }
    (mini.root / "labs/interview/dvc.yml").write_text(yaml.safe_dump(topic))


def play(mini: Mini, data: Path, keys: str, *options: str) -> str:
    """What is said to somebody who types these lines."""
    command = [sys.executable, "-m", "mlops_lab", "drill", *options]
    return run(*command, input=keys, env=mini.env(LAB_DATA=str(data))).stdout


def in_order(text: str, *parts: str) -> None:
    """Each part comes behind the one before."""
    place = 0
    for part in parts:
        place = text.index(part, place) + len(part)


def test_a_question_is_revealed_in_stages(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", chain=CHAIN)
    played = play(mini, tmp_path, "\n" * 20 + "3\n")
    in_order(
        played,
        *("What is it that is asked?", "Enter", "words and words", "Did you say", " 2 two"),
        *("The trap", "“The usual wrong words.”", "Because they are wrong."),
        *("Then they ask (1 of 1)", "And what comes then?", "Enter", "That comes then."),
        *("And deeper (1 of 3)", CHAIN[0]["question"], "Enter", CHAIN[0]["answer"]),
        *("And deeper (3 of 3)", CHAIN[2]["question"], "Enter", CHAIN[2]["answer"]),
        *("that was all of it", "dvc-one: good, due again in 10 min", "1 graded: 1 good"),
    )
    assert "Evidence" not in played


def test_each_line_reveals_no_more_than_its_stage(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    stages = ("words and words", "Did you say", "The trap", "And what comes then", "That comes")
    for lines in range(len(stages) + 1):
        played = play(mini, tmp_path, "\n" * lines)
        assert [stage in played for stage in stages] == [n < lines for n in range(len(stages))]
        assert "nothing graded" in played


def test_a_grade_is_taken_from_the_points_on(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    assert "nothing graded" in play(mini, tmp_path, "3\n")
    early = play(mini, tmp_path, "\n3\n")
    assert "first the points, then the grade" in early
    assert "nothing graded" in early
    late = play(mini, tmp_path, "\n\n3\n")
    assert "3 points: 1 again, not known · 2 hard, gaps · 3 good, said · 4 easy, at once" in late
    assert "1 graded: 1 good" in late


def test_a_graded_question_is_not_asked_again_at_once(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    assert "1 graded: 1 good" in play(mini, tmp_path, "\n\n3\nq\n")
    second = play(mini, tmp_path, "\n\n4\n")
    assert "dvc-two" in second
    assert "dvc-one" not in second
    assert "nothing is due; the next question is in" in play(mini, tmp_path, "")


def test_what_was_not_known_comes_back_in_the_session(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    played = play(mini, tmp_path, "\n\n1\n\n\n3\n\n\n2\n")
    in_order(played, "dvc-one: again, comes back in this session", "dvc-two: good", "dvc-one: hard")
    assert "3 graded: 1 again, 1 hard, 1 good" in played


def test_undo_asks_the_question_again(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    played = play(mini, tmp_path, "u\n\n\n4\nu\n\n\n2\nq\n")
    in_order(played, "no grade of this session", "dvc-one: easy", "is taken back", "dvc-one: hard")
    assert "1 graded: 1 hard" in played


def test_the_last_grade_can_be_taken_back_too(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    played = play(mini, tmp_path, "\n\n4\nu\n\n\n2\n\n")
    in_order(played, "that was the last one", "What is it", "dvc-one: hard", "1 graded: 1 hard")


def test_skipping_and_the_end_of_input_grade_nothing(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    assert "nothing graded" in play(mini, tmp_path, "s\n\n\ns\n")
    assert "nothing graded" in play(mini, tmp_path, "")


def test_an_input_that_is_closed_is_one_that_has_ended(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    command = ["sh", "-c", f"'{sys.executable}' -m mlops_lab drill <&-"]
    done = subprocess.run(
        command, env=mini.env(LAB_DATA=str(tmp_path)), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing graded" in done.stdout


def test_without_new_questions_nothing_is_due_at_first(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    assert play(mini, tmp_path, "", "--new", "0") == "nothing is due\n"


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=10), "10 min"),
        (timedelta(hours=5, minutes=29), "5 h"),
        (timedelta(days=1, milliseconds=-1), "1 day"),
        (timedelta(days=8, microseconds=-1), "8 days"),
    ],
)
def test_a_time_is_told_in_one_unit(delta: timedelta, told: str) -> None:
    assert span(delta) == told


def test_a_typed_answer_stays_above_the_answer(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    in_order(
        play(mini, tmp_path, "t\nIt is [this]\n"), "Enter ends it", "You: It is [this]", "words"
    )
    in_order(play(mini, tmp_path, "It is that\n"), "You: It is that", "words and")


def test_evidence_and_help_are_a_key_away(mini: Mini, tmp_path: Path) -> None:
    source = {"url": "https://example.com/" + "a-long-path/" * 12, "read": "version 3"}
    bank(mini, "dvc-one", evidence=[{"lab": "02-dvc-s3", "cell": "push"}, source])
    played = play(mini, tmp_path, "?\n\n7\ne\n\n3\n")
    assert played.count("u  take the last grade back") == 2
    in_order(played, "Evidence", "lab 02-dvc-s3, cell push: ./lab open 02", "read: version 3")
    assert source["url"] in played


def test_how_long_it_took_is_said(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    in_order(play(mini, tmp_path, "\n"), "Enter", " s\n", "words and words")


def test_a_renamed_question_is_not_new(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    play(mini, tmp_path, "\n\n3\n")
    bank(mini, "dvc-two", was=["dvc-one"])
    assert "nothing is due" in play(mini, tmp_path, "")


def test_topics_levels_and_labs_are_chosen_from(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    some = ["--topic", "dvc", "--level", "junior", "--level", "mid", "--lab", "02"]
    assert "dvc-one" in play(mini, tmp_path, "", *some)
    assert "no questions" in play(mini, tmp_path, "", "--level", "senior")
    done = mini.call("drill", "--topic", "dcv", LAB_DATA=str(tmp_path))
    assert done.returncode == 2
    assert "did you mean dvc" in done.stdout


def test_the_log_goes_out_and_comes_in(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-two", was=["dvc-one"])
    file, data = tmp_path / "drill.json", str(tmp_path)
    line = {"id": "dvc-one", "rating": 4, "at": "2026-11-20T12:00:00.000Z"}
    file.write_text(
        json.dumps({"format": "mlops-interview-lab/drill", "version": 1, "reviews": [line]})
    )
    first = mini.call("drill", "import", str(file), LAB_DATA=data).stdout
    assert f"1 reviews in {file}, 1 of them new" in first
    assert "to go back: mv " in first
    again = mini.call("drill", "import", str(file), LAB_DATA=data).stdout
    assert again == f"1 reviews in {file}, 0 of them new\n"
    out = tmp_path / "out.json"
    assert mini.call("drill", "export", str(out), LAB_DATA=data).stdout == f"1 reviews: {out}\n"
    assert [one["id"] for one in json.loads(out.read_text())["reviews"]] == ["dvc-two"]
    file.write_text("{}")
    refused = mini.call("drill", "import", str(file), LAB_DATA=data)
    assert refused.returncode == 1
    assert refused.stdout.startswith(f"lab: {file}: ")


@pytest.mark.parametrize("option", ["--topic dvc", "--limit 20", "--new 0"])
def test_options_of_a_session_do_not_pass_unnoticed_before_another_command(
    mini: Mini, option: str
) -> None:
    done = mini.call("drill", *option.split(), "stats")
    assert done.returncode == 2
    assert "./lab drill stats -h" in done.stdout


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_an_example(mini: Mini, name: str) -> None:
    done = mini.call(*f"drill {name}".split(), "--help", COLUMNS="100")
    assert done.returncode == 0
    assert f"./lab drill {name}".strip() in done.stdout.partition("Example:")[2]


def test_a_command_s_path_is_its_file_s_path() -> None:
    files = (ROOT / "scripts/mlops_lab/commands/drill").glob("[!_]*.py")
    assert {path.stem for path in files} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_names_it(name: str) -> None:
    rows = [r for r in (ROOT / "README.md").read_text().splitlines() if "`./lab drill " in r]
    assert any(f"{name}`" in row or f"{name} FILE`" in row for row in rows)


def test_a_folder_that_cannot_be_written_to_is_named(mini: Mini) -> None:
    bank(mini, "dvc-one")
    done = mini.call("drill", LAB_DATA="/proc/nowhere")
    assert done.returncode == 1
    assert done.stdout.startswith("lab: /proc/nowhere: ")
    assert "LAB_DATA=FOLDER" in done.stdout


@pytest.mark.parametrize("damage", ["no database", "cut off", "overwritten"])
def test_a_damaged_deck_is_named_with_what_to_do(mini: Mini, tmp_path: Path, damage: str) -> None:
    bank(mini, "dvc-one")
    play(mini, tmp_path, "\n\n3\nq\n")
    path = tmp_path / "drill.sqlite"
    whole = path.read_bytes()
    broken = {
        "no database": b"not a database at all",
        "cut off": whole[: len(whole) // 2],
        "overwritten": whole[:4096] + b"venom" * ((len(whole) - 4096) // 5),
    }[damage]
    path.write_bytes(broken)
    done = mini.call("drill", LAB_DATA=str(tmp_path))
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"lab: {path}: ")
    assert f"mv {path} {path}.damaged" in line
    assert path.read_bytes() == broken


def test_a_deck_that_cannot_be_opened_is_named(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    (tmp_path / "drill.sqlite").mkdir()
    done = mini.call("drill", LAB_DATA=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith(f"lab: {tmp_path}/drill.sqlite: unable to open database file; ")
