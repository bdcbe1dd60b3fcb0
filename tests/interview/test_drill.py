"""`lab drill` as a person plays it: keys in, text out."""

import sys
from pathlib import Path

import pytest
import yaml

from conftest import Mini, run
from interview.examples import entry


def bank(mini: Mini, *names: str) -> None:
    topic = {
        "topic": "dvc",
        "title": "Data versioning",
        "about": "Questions about data versioning.",
        "questions": [entry(name).model_dump(mode="json") for name in names],
    }
    (mini.root / "labs/interview/dvc.yml").write_text(yaml.safe_dump(topic))


def play(mini: Mini, data: Path, keys: str, *options: str) -> str:
    command = [sys.executable, "-m", "mlops_lab", "drill", *options]
    return run(*command, input=keys, env=mini.env(LAB_DATA=str(data))).stdout


def test_a_graded_question_is_not_asked_again_at_once(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    first = play(mini, tmp_path, "\n3\nq\n")
    assert "The trap" in first
    assert "1 graded" in first
    second = play(mini, tmp_path, "\n4\n")
    assert "dvc-two" in second
    assert "dvc-one" not in second
    assert "nothing is due; the next question is in" in play(mini, tmp_path, "")


def test_undo_asks_the_question_again(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    played = play(mini, tmp_path, "\n4\nu\n\n1\nq\n")
    assert played.count("dvc-one") >= 2
    assert "1 graded" in played


def test_skipping_and_the_end_of_input_grade_nothing(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    assert "nothing graded" in play(mini, tmp_path, "s\n")
    assert "nothing graded" in play(mini, tmp_path, "")


def test_a_wrong_key_shows_the_keys(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    assert "takes the last grade back" in play(mini, tmp_path, "\n7\n3\n")


def test_stats_count_due_and_new(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one", "dvc-two")
    assert "0 due    2 new  of   2" in play(mini, tmp_path, "", "--stats")


def test_a_folder_that_cannot_be_written_to_is_named(mini: Mini) -> None:
    bank(mini, "dvc-one")
    done = mini.call("drill", LAB_DATA="/proc/nowhere")
    assert done.returncode == 1
    assert done.stdout.startswith("lab: /proc/nowhere: ")
    assert "LAB_DATA=FOLDER" in done.stdout


def test_an_unknown_topic_gets_the_nearest(mini: Mini, tmp_path: Path) -> None:
    bank(mini, "dvc-one")
    done = mini.call("drill", "--topic", "dcv", LAB_DATA=str(tmp_path))
    assert done.returncode == 2
    assert "did you mean dvc" in done.stdout


@pytest.mark.parametrize("damage", ["no database", "cut off", "overwritten"])
def test_a_damaged_deck_is_named_with_what_to_do(mini: Mini, tmp_path: Path, damage: str) -> None:
    bank(mini, "dvc-one")
    play(mini, tmp_path, "\n3\nq\n")
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
