"""The plan for two weeks has all of it, once, and no day is too long; each lab has its card."""

import re
from collections import Counter

import pytest

from mlops_lab.book import plan, start
from mlops_lab.core.errors import LabError
from mlops_lab.interview import NEW, SESSION, bank
from mlops_lab.lab import catalog

SPECS = catalog.select(None)
DAYS = plan.days(SPECS)
PAGE = plan.page(SPECS)


def test_every_lab_is_once_and_in_order() -> None:
    assert [lab.stem for day in DAYS for lab in day.labs] == catalog.stems()
    assert re.findall(r"\(\.\./notebooks/(\S+)\.ipynb\)", PAGE) == catalog.stems()


def test_every_topic_is_linked_once_and_asked_as_far_as_there_is_room() -> None:
    topics = {topic.topic: len(topic.questions) for topic in bank.topics()}
    asked = sum((Counter(day.new) for day in DAYS), Counter[str]())
    share = max(percent for percent in range(101) if asked == _of(topics, percent))
    assert share == 100 or not plan._days(SPECS, _of(topics, share + 1))
    assert Counter(re.findall(r"\(questions/([\w-]+)\.md\)", PAGE)) == Counter(list(topics))


def _of(topics: dict[str, int], percent: int) -> dict[str, int]:
    return {topic: count * percent // 100 for topic, count in topics.items()}


def test_no_day_is_over_its_limits() -> None:
    assert len(DAYS) == plan.DAYS
    assert all(sum(day.new.values()) <= NEW <= SESSION for day in DAYS)
    assert all(0 < day.minutes <= plan.MINUTES for day in DAYS)


def test_the_minutes_of_a_day_are_those_of_its_labs_and_of_its_questions() -> None:
    asked = 0
    for day in DAYS[1:-1]:
        asked += sum(day.new.values())
        drill = min(SESSION, asked) * plan.QUESTION
        assert day.minutes == pytest.approx(sum(map(plan.minutes, day.labs)) + drill)


def test_a_topic_is_asked_when_its_labs_are_done() -> None:
    done = set()
    for day in DAYS:
        done |= {lab.stem for lab in day.labs}
        later = {plan.topic_of(stem) for stem in catalog.stems() if stem not in done}
        assert not later & set(day.new)


def test_the_cluster_comes_up_for_the_first_lab_that_needs_it_and_goes_after_the_last() -> None:
    first, *_, last = (spec for spec in SPECS if spec.cluster)
    (up,) = (row for row in PAGE.splitlines() if "./lab cluster up" in row)
    (down,) = (row for row in PAGE.splitlines() if "./lab cluster down" in row)
    assert first.stem in up
    assert last.stem in down


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(LabError, match=r"14 days have no room for .*'09-continuous-training'"):
        plan.days(2 * SPECS)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.stem)
def test_a_card_says_what_a_lab_proves_and_needs(spec: catalog.Spec) -> None:
    (card,) = (c for c in start.cards(SPECS).split("::::{") if f"/notebooks/{spec.stem}\n" in c)
    assert spec.name in card
    assert start.proves(spec).count("\n- ") == 1
    assert start.proves(spec) in card
    assert all(service in card for service in spec.services)
    assert ("· a cluster for some steps" in card) == spec.cluster
