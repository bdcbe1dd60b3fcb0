"""Plans have all that fits, once, and no day is too long; each lab has its card."""

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from conftest import Mini, noon
from mlops_lab.book import plan, plan_table, schedule, start
from mlops_lab.book.schedule import Frame
from mlops_lab.core.errors import Usage
from mlops_lab.interview import NEW, SESSION, bank, choice
from mlops_lab.interview.standing import Standing, fresh
from mlops_lab.lab import catalog

SPECS = catalog.select(None)
FRESH = fresh(choice.in_order())
BOOK = plan.two_weeks(SPECS)
PAGE = plan.page(SPECS)
FRAMES = [Frame(n, m) for n in (1, 2, 3, 6, 7, 14, 40) for m in (30, 60, 165, 480)]
PLANS = [schedule.make(SPECS, frame, FRESH) for frame in FRAMES]
TODAY = date(2026, 11, 30)
each_plan = pytest.mark.parametrize("made", PLANS, ids=[f"{f.days}x{f.minutes}" for f in FRAMES])


def test_every_lab_is_once_and_in_order_on_the_page() -> None:
    assert BOOK.left_out == []
    assert [part.lab.stem for day in BOOK.days for part in day.labs] == catalog.stems()
    assert re.findall(r"\(\.\./notebooks/(\S+)\.ipynb\)", PAGE) == catalog.stems()


def test_every_topic_is_linked_once_on_the_page() -> None:
    topics = [topic.topic for topic in bank.topics()]
    assert Counter(re.findall(r"\(questions/([\w-]+)\.md\)", PAGE)) == Counter(topics)


def test_each_topic_has_its_share_of_as_many_questions_as_there_is_room_for() -> None:
    asked = sum((Counter(day.new) for day in BOOK.days), Counter[str]())
    order = schedule.in_turn(FRESH)
    assert Counter(order[: asked.total()]) == asked
    more = order[: asked.total() + 1]
    assert not schedule._days(SPECS, more, BOOK.frame, FRESH)
    for topic in bank.topics():
        share = asked.total() * len(topic.questions) / len(bank.entries())
        assert abs(asked[topic.topic] - share) < 1


@each_plan
def test_a_lab_is_in_the_plan_or_left_out_and_its_parts_are_in_order(made: schedule.Plan) -> None:
    parts = [part for day in made.days for part in day.labs]
    stems = list(dict.fromkeys(part.lab.stem for part in parts))
    left_out = [spec.stem for spec in made.left_out]
    assert sorted(stems + left_out) == sorted(catalog.stems())
    if made.frame.sets_up:
        assert stems == [stem for stem in catalog.stems() if stem in stems]
    for stem in stems:
        numbers = [(part.number, part.of) for part in parts if part.lab.stem == stem]
        assert numbers == [(n, len(numbers)) for n in range(1, len(numbers) + 1)]


@each_plan
def test_no_day_is_over_its_limits(made: schedule.Plan) -> None:
    frame = made.frame
    assert len(made.days) == frame.days
    assert all(sum(day.new.values()) <= frame.new <= NEW for day in made.days)
    assert all(day.drill <= frame.session <= SESSION for day in made.days)
    assert all(0 < day.minutes <= frame.minutes for day in made.days)


@each_plan
def test_the_minutes_of_a_day_are_those_of_all_that_it_has(made: schedule.Plan) -> None:
    asked = 0
    for day in made.days[made.frame.sets_up :]:
        asked += sum(day.new.values())
        assert day.drill == min(made.frame.session, asked)
        labs = sum(part.minutes for part in day.labs)
        others = day.drill * schedule.QUESTION + schedule.MOCK * day.mock
        assert day.minutes == pytest.approx(schedule._reading(day.read) + labs + others)


@each_plan
def test_a_topic_is_asked_when_its_labs_are_done(made: schedule.Plan) -> None:
    last = {part.lab.stem: n for n, day in enumerate(made.days) for part in day.labs}
    ready: dict[str, int] = {}
    for stem, number in last.items():
        ready[schedule.topic_of(stem)] = max(number, ready.get(schedule.topic_of(stem), 0))
    for number, day in enumerate(made.days):
        assert all(ready.get(topic, 0) <= number for topic in day.new)


@each_plan
def test_no_lab_that_is_left_out_would_fit(made: schedule.Plan) -> None:
    kept = {part.lab.stem for day in made.days for part in day.labs}
    for spec in made.left_out:
        more = [one for one in SPECS if one.stem in kept or one is spec]
        assert not schedule._days(more, [], made.frame, FRESH)


def test_the_day_before_has_nothing_new_and_one_evening_has_a_bit_of_all() -> None:
    assert all(not made.days[-1].new for made in PLANS if made.frame.days > 1)
    (evening,) = schedule.make(SPECS, Frame(1), FRESH).days
    assert evening.labs
    assert evening.mock
    assert sum(evening.new.values()) == NEW


def test_the_labs_that_prove_most_come_first() -> None:
    (evening,) = schedule.make(SPECS, Frame(1), FRESH).days
    best = max(SPECS, key=lambda spec: len(bank.for_lab(spec.stem)) / schedule.minutes(spec))
    assert best in [part.lab for part in evening.labs]


def test_weak_topics_have_more_of_the_questions_and_of_the_labs() -> None:
    weak = {**FRESH, "drift": Standing(10, seen=10, shaky=10, score=0.1)}
    # In fewer days a topic of ten has one new question, and twice its weight makes no second one.
    for frame in (Frame(5), Frame(14)):
        before, after = (
            sum(day.new.get("drift", 0) for day in schedule.make(SPECS, frame, standings).days)
            for standings in (FRESH, weak)
        )
        assert after > before
    assert all(spec.stem != "14-drift" for spec in schedule.make(SPECS, Frame(3), weak).left_out)


def test_what_is_known_is_not_asked_as_new_but_drilled_from_the_first_day() -> None:
    known = {topic: Standing(one.questions, seen=one.questions) for topic, one in FRESH.items()}
    made = schedule.make(SPECS, Frame(), known)
    assert not any(day.new for day in made.days)
    assert all(day.drill == SESSION for day in made.days)


def test_without_minutes_a_day_has_as_few_as_all_fits_in() -> None:
    roomy = schedule.enough(SPECS, 60, FRESH)
    made = schedule.make(SPECS, roomy, FRESH)
    assert made.left_out == []
    assert sum(sum(day.new.values()) for day in made.days) == len(bank.entries())
    everything = schedule.in_turn(FRESH)
    less = Frame(60, roomy.minutes - schedule.STEP)
    assert not schedule._days(SPECS, everything, less, FRESH)
    assert schedule.enough(SPECS, 3, FRESH) == Frame(3)


def test_longer_days_are_named_that_have_room_for_all_labs() -> None:
    minutes = schedule.room(SPECS, Frame(10), FRESH, 480)
    assert minutes
    assert minutes > Frame(10).minutes
    assert schedule.make(SPECS, Frame(10, minutes), FRESH).left_out == []
    assert schedule.make(SPECS, Frame(10, minutes - schedule.STEP), FRESH).left_out
    assert schedule.room(SPECS, Frame(1), FRESH, 480) is None


def test_what_is_left_out_has_room_on_longer_days(mini: Mini, tmp_path: Path) -> None:
    lines = shown(mini, "--days", "10", LAB_DATA=str(tmp_path / "data"))
    (whole,) = re.findall(r"All labs have room with --minutes (\d+)\.", "\n".join(lines))
    lines = shown(mini, "--days", "10", "--minutes", whole, LAB_DATA=str(tmp_path / "data"))
    assert "No room" not in "\n".join(lines)


def test_the_cluster_comes_up_for_the_first_lab_that_needs_it_and_goes_after_the_last() -> None:
    first, *_, last = (spec for spec in SPECS if spec.cluster)
    (up,) = (row for row in PAGE.splitlines() if "./lab cluster up" in row)
    (down,) = (row for row in PAGE.splitlines() if "./lab cluster down" in row)
    assert first.stem in up
    assert last.stem in down


def shown(mini: Mini, *arguments: str, **settings: str) -> list[str]:
    """What `lab plan` prints in a checkout with the real book."""
    done = mini.call("plan", *arguments, LAB_TEST_ROOT=str(catalog.NOTEBOOKS.parent), **settings)
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


def test_a_pipe_gets_a_line_a_day_with_real_dates(mini: Mini, tmp_path: Path) -> None:
    zone, _, today = noon()
    told, _head, *rows = shown(mini, "--days", "3", LAB_DATA=str(tmp_path / "data"), TZ=zone)
    assert told.startswith("Interview on ")
    assert rows[0].startswith(f"{today:%a} {today.day:2} {today:%b} ")
    assert rows[3].startswith("No room is left for these")
    assert rows[4].startswith("Drill first what is due: ./lab drill --new 0, then")
    assert not (tmp_path / "data").exists(), "a plan makes no deck"


def test_a_level_asks_nothing_harder(mini: Mini, tmp_path: Path) -> None:
    lines = shown(mini, "--days", "40", "--level", "junior", LAB_DATA=str(tmp_path / "data"))
    asked = sum(int(n) for n in re.findall(r"[a-z]\xa0(\d+)", "\n".join(lines)))
    assert asked == sum(entry.level == "junior" for entry in bank.entries())
    assert lines[-1].endswith("--level junior")


@each_plan
def test_the_table_fits_a_terminal_of_80_columns(made: schedule.Plan) -> None:
    console = plan_table.Console(width=80, file=io.StringIO(), record=True)
    console.print(plan_table._table(made, TODAY, plain=False))
    text = console.export_text()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    numbers = [line.split()[-2:] for line in text.splitlines() if line[:3].isalpha()][1:]
    assert numbers == [[str(day.drill), f"{day.minutes:.0f}"] for day in made.days]


@pytest.mark.parametrize(
    ("days", "until", "told"),
    [
        (0, None, "--days 0: a plan has 1 to 120 days"),
        (400, None, "--days 400: a plan has 1 to 120 days"),
        (None, "2026-11-29", "--date 2026-11-29: this is in the past, today is 2026-11-30"),
        (None, "2026-11-30", "--date 2026-11-30: a plan has 1 to 120 days"),
        (None, "next week", "--date next week: no date, such as 2026-11-30"),
        (3, "2026-12-03", "give one of them"),
    ],
)
def test_no_plan_is_one_clear_line(days: int | None, until: str | None, told: str) -> None:
    with pytest.raises(Usage, match=told) as error:
        plan_table.show(days, until, None, None, TODAY)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("minutes", [0, 29, 481])
def test_a_day_that_is_too_short_or_too_long_is_one_line(minutes: int) -> None:
    with pytest.raises(Usage, match=f"--minutes {minutes}: a day has 30 to 480 of them"):
        plan_table.show(3, None, minutes, None, TODAY)


def test_a_date_is_the_interview_s() -> None:
    assert plan_table._days(None, "2026-12-14", TODAY) == 14
    assert plan_table._days(None, None, TODAY) == 14


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_a_card_says_what_a_lab_proves_and_needs(spec: catalog.Spec) -> None:
    (card,) = (c for c in start.cards(SPECS).split("::::{") if f"/notebooks/{spec.stem}\n" in c)
    assert spec.name in card
    assert start.proves(spec).count("\n- ") == 1
    assert start.proves(spec) in card
    assert all(service in card for service in spec.services)
    assert ("· a cluster for some steps" in card) == spec.cluster
