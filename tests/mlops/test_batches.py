"""Which batches are refused, and with which words: labs/mlops/retraining/{batch,checks}.py."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from retraining import batch, checks, drift, step, validate

from conftest import ROOT
from mlops import rules_before

CORPUS = yaml.safe_load((ROOT / "tests/mlops/batches.yml").read_text(encoding="utf-8"))
GOOD, EDITED, AGAIN = CORPUS["good"], CORPUS["edited"], CORPUS["exported_again"]
OTHERS = GOOD.replace("C00", "X00")
SIGNS = [",", ";", "\t", "|", "\n", "\r", "\0", '"', "'", " ", ".", "-", "0", "1e9", "\ufeff", "é"]
Refusals = Callable[[str, str], list[tuple[str, str]]]


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["name"] for entry in entries]


def edited(entry: dict[str, Any]) -> str:
    """The good batch with the edits, each of which must find something."""
    text = "".join(GOOD.splitlines(keepends=True)[: entry.get("keep")])
    for find, replace in entry["edit"]:
        assert find in text
        text = text.replace(find, replace)
    return text


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refusals]:
    """Return a function that names the errors of a batch, as (check, found)."""
    tmp_path = tmp_path_factory.mktemp("batches")
    limits = step.settings(ROOT / "labs/mlops/retraining.yaml")
    limits["batch"]["min_rows"] = 2
    path, reference = tmp_path / "new.csv", tmp_path / "reference.csv"

    def errors(text: str, known: str = OTHERS) -> list[tuple[str, str]]:
        path.write_bytes(text.encode())
        reference.write_bytes(known.encode())
        frame = batch.read(reference, 100, 1).frame
        found = validate.validate(path, frame, limits)
        return [(check.check, check.found) for check in found if check.verdict == "error"]

    with pytest.MonkeyPatch.context() as patch:
        # The check takes most of the time, and never refuses.
        patch.setattr(drift, "check", lambda *_: iter(()))
        yield errors


@pytest.fixture
def as_before(refusals: Refusals, monkeypatch: pytest.MonkeyPatch) -> Refusals:
    """The same, by the rules as they were."""

    def errors(text: str, known: str = OTHERS) -> list[tuple[str, str]]:
        with monkeypatch.context() as patch:
            patch.setattr(batch, "check_encoding", rules_before.check_encoding)
            patch.setattr(batch, "read", rules_before.read)
            patch.setattr(checks, "row_hashes", rules_before.row_hashes)
            return refusals(text, known)

    return errors


@pytest.mark.parametrize("entry", EDITED, ids=names(EDITED))
def test_the_error_names_line_and_cure(refusals: Refusals, entry: dict[str, Any]) -> None:
    found = refusals(edited(entry))
    if "check" not in entry:
        assert found == []
        return
    check, said = found[0]
    assert (check, entry["said"] in said) == (entry["check"], True), found
    assert len(said) <= 76  # or the table that is printed cuts the cure off


@pytest.mark.parametrize("entry", AGAIN, ids=names(AGAIN))
def test_rows_that_are_known_stay_so_when_exported_again(
    refusals: Refusals, entry: dict[str, Any]
) -> None:
    assert refusals(edited(entry), GOOD) == [("known rows", "4 rows, 100.0%")]
    assert refusals(GOOD, edited(entry)) == [("known rows", "4 rows, 100.0%")]


@pytest.mark.parametrize("entry", [*EDITED, *AGAIN], ids=names([*EDITED, *AGAIN]))
def test_what_was_refused_is_refused(
    refusals: Refusals, as_before: Refusals, entry: dict[str, Any]
) -> None:
    for known in (GOOD, OTHERS):
        if as_before(edited(entry), known):
            assert refusals(edited(entry), known)


def test_some_of_it_was_accepted(as_before: Refusals) -> None:
    """Or the rules as they were are not those that are compared with."""
    through = [e["name"] for e in EDITED if "check" in e and not as_before(edited(e))]
    assert {"NUL in a number", "a row too short"} & {*through}
    known = [e["name"] for e in AGAIN if not as_before(edited(e), GOOD)]
    assert {"exponents", "blanks after ids", "more digits"} <= {*known}


def test_nothing_that_was_refused_is_accepted_whatever_sign_is_put_where(
    refusals: Refusals, as_before: Refusals
) -> None:
    draw, refused = random.Random(5), 0
    for _ in range(60):
        text = GOOD
        for _ in range(draw.randint(1, 3)):
            at, longer = draw.randrange(len(text)), draw.random() < 0.7
            text = text[:at] + (draw.choice(SIGNS) if longer else "") + text[at + 1 - longer :]
        known = draw.choice((GOOD, OTHERS))
        if as_before(text, known):
            refused += 1
            assert refusals(text, known), text
    assert refused > 20


def test_values_that_differ_are_not_the_same(refusals: Refusals) -> None:
    for one, other in (("1", "1.0000001"), ("12345.67", "12345.68"), ("0", "0.01")):
        assert batch.value_of(one, "number") != batch.value_of(other, "number")
    assert batch.value_of("007", "id") != batch.value_of("7", "id")
    assert batch.value_of("-0.00", "number") == batch.value_of("0", "integer")
