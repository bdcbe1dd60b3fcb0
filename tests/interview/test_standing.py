"""How a reader stands in a topic follows from the drill's log and from mock interviews."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fsrs import Rating

from mlops_lab.interview import bank, choice
from mlops_lab.interview.deck import open_deck
from mlops_lab.interview.mock import sitting
from mlops_lab.interview.standing import Standing, standings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DVC = next(topic for topic in bank.topics() if topic.topic == "dvc")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data, here."""
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    return tmp_path


def graded(name: str, *ratings: Rating) -> None:
    """Answer a question so, three days apart."""
    entry = next(entry for entry in DVC.questions if entry.id == name)
    with open_deck() as deck:
        for number, rating in enumerate(ratings):
            deck.grade(entry, rating, NOW + timedelta(days=3 * number))


def test_who_has_done_nothing_has_everything_before_them(data: Path) -> None:
    found = standings(choice.in_order())
    assert {topic.topic: Standing(len(topic.questions)) for topic in bank.topics()} == found
    assert all(one.open == one.questions for one in found.values())
    assert {one.weight for one in found.values()} == {1}
    assert list(data.iterdir()) == [], "asking makes no file"


@pytest.mark.parametrize(
    ("ratings", "shaky"),
    [
        ([Rating.Again], 1),
        ([Rating.Hard], 1),
        ([Rating.Good], 0),
        ([Rating.Good, Rating.Again], 1),
        ([Rating.Again, Rating.Good, Rating.Good, Rating.Good, Rating.Good], 0),
    ],
)
def test_what_went_badly_and_has_not_become_steady_is_shaky(
    ratings: list[Rating], shaky: int
) -> None:
    graded(DVC.questions[0].id, *ratings)
    graded(DVC.questions[1].id, Rating.Easy)
    found = standings([DVC])["dvc"]
    assert found == Standing(len(DVC.questions), seen=2, shaky=shaky)
    assert found.open == len(DVC.questions) - 2 + shaky
    assert found.weight == 1 + shaky / 2


def test_mock_interviews_count_by_their_mean_score() -> None:
    points = len(DVC.questions[0].key_points)
    answers = [
        sitting.Answer(id=DVC.questions[0].id, part="depth", seconds=60, points=points, follow_up=0,
                       said=list(range(1, points + 1)) if well else [], followed=well)
        for well in (True, False)
    ]  # fmt: skip
    over = sitting.Sitting(begun=NOW.isoformat(), level="mid", role="mlops", minutes=30)
    sitting.finish(over.model_copy(update={"answers": answers}))
    found = standings(choice.in_order())
    assert found["dvc"].score == pytest.approx(0.5)
    assert found["dvc"].weight == pytest.approx(1.5)
    assert found["ci"].score is None


def test_only_the_levels_that_are_asked_for_count() -> None:
    graded(next(e.id for e in DVC.questions if e.level == "senior"), Rating.Again)
    juniors = sum(entry.level == "junior" for entry in DVC.questions)
    assert standings([DVC], ["junior"])["dvc"] == Standing(juniors)


def test_a_question_is_known_under_its_old_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    graded(DVC.questions[0].id, Rating.Again)
    renamed = DVC.questions[0].model_copy(update={"id": "dvc-new-name"})
    topic = DVC.model_copy(update={"questions": [renamed, *DVC.questions[1:]]})
    assert standings([topic])["dvc"].seen == 0
    monkeypatch.setattr(choice, "renamed", lambda: {DVC.questions[0].id: "dvc-new-name"})
    assert standings([topic])["dvc"].seen == 1
