import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
import train as project_train
import yaml
from retraining import compare, record, scores, step, stories, train, validate
from sklearn.metrics import roc_auc_score

from conftest import ROOT

pytest_plugins = ["mlops.retraining_fixtures"]
MLOPS = ROOT / "labs/mlops"
LIMITS = yaml.safe_load((MLOPS / "retraining.yaml").read_text())["compare"]


@pytest.fixture
def project(csv_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(MLOPS / "retraining.yaml", tmp_path)
    shutil.copy(ROOT / "labs/churn/params.yaml", tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(csv_path, tmp_path / "data/churn.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    stories.write("better", Path("data/new.csv"), rows=1000)
    return tmp_path


def test_training_holds_out_a_fifth_of_the_new_batch(project: Path) -> None:
    assert validate.main() == 0
    assert train.main() == 0
    holdout, new = pd.read_csv("data/holdout.csv"), pd.read_csv("data/new.csv")
    training = pd.read_csv("data/training.csv")
    assert (len(holdout), len(training)) == (200, 5800)
    assert len(holdout.merge(new)) == 200
    assert len(holdout.merge(training)) == 0
    assert holdout["churned"].mean() == pytest.approx(new["churned"].mean(), abs=0.01)
    model = skops.io.load("models/model.skops", trusted=project_train.TRUSTED_TYPES)
    found = project_train.evaluate(model, *project_train.load_data(Path("data/holdout.csv")), 0.5)
    assert found == json.loads(Path("metrics.json").read_text())


def test_the_same_training_twice_gives_the_same_model(project: Path) -> None:
    assert validate.main() == 0
    seen = []
    for _ in range(2):
        assert train.main() == 0
        seen.append((record.read().identity, Path("metrics.json").read_text()))
    assert seen[0] == seen[1]


def test_rows_that_the_champion_has_seen_are_not_held_out(project: Path) -> None:
    reference, new = (
        pd.read_csv("data/churn.csv", dtype=str),
        pd.read_csv("data/new.csv", dtype=str),
    )
    seen = reference.head(100)
    again = seen.assign(monthly_charges=seen["monthly_charges"] + "0", senior=seen["senior"] + ".0")
    both = pd.concat([seen, again, new])
    training, holdout = train.split(reference, both, step.settings())
    assert (len(training), len(holdout)) == (5800, 200)
    assert len(holdout.merge(reference)) == 0


def test_an_unchecked_batch_is_not_trained_on(project: Path, capsys) -> None:
    assert train.main() == 2
    assert "run python -m retraining.validate first" in capsys.readouterr().err
    assert validate.main() == 0
    stories.write("worse", Path("data/new.csv"), rows=1000)
    assert train.main() == 1
    assert "is about another file" in capsys.readouterr().err


def test_a_refused_batch_is_not_trained_on(project: Path, capsys) -> None:
    stories.write("renamed-category", Path("data/new.csv"), rows=1000)
    assert validate.main() == 1
    assert train.main() == 1
    assert "did not pass validation" in capsys.readouterr().err
    assert not Path("models").exists()


def resampled(target: np.ndarray, number: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw row numbers, of each class as many as it has."""
    classes = [np.flatnonzero(target == value) for value in (1, 0)]
    return [rng.choice(rows, (number, len(rows))) for rows in classes]


def test_auc_of_all_resamples_at_once_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    target, score = rng.integers(0, 2, 200), rng.integers(0, 20, 200) / 20
    up, down = resampled(target, 30, rng)
    found = scores.aucs(score, up, down, axis=-1)
    both = np.concatenate([up, down], axis=1)
    assert found == pytest.approx([roc_auc_score(target[rows], score[rows]) for rows in both])


def test_the_interval_is_that_of_paired_resamples_and_depends_on_the_seed_alone() -> None:
    rng = np.random.default_rng(5)
    target = rng.integers(0, 2, 300)
    old, new = target + rng.normal(0, 2, 300), target + rng.normal(0, 1, 300)
    first, again, other = (scores.gain_interval(target, old, new, 400, 0.9, s) for s in (1, 1, 2))
    assert 0 < first[0] < first[1]
    assert first == again != other
    assert other == pytest.approx(first, abs=0.02)
    up, down = resampled(target, 400, rng)
    gains = scores.aucs(new, up, down, axis=1) - scores.aucs(old, up, down, axis=1)
    assert first == pytest.approx(np.quantile(gains, [0.05, 0.95]), abs=0.02)


def test_the_interval_holds_the_true_gain_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(6), 0
    for number in range(100):
        target = rng.integers(0, 2, 200)
        old, new = target + rng.normal(0, 1, 200), target + rng.normal(0, 1, 200)
        low, high = scores.gain_interval(target, old, new, 200, 0.9, number)
        hits += low <= 0 <= high
    assert 82 <= hits <= 97


def customers(rows: int = 1000) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(3)
    inputs = pd.DataFrame(
        {
            "contract": rng.choice(["one-year", "two-year"], rows),
            "internet_service": "dsl",
            "senior": rng.choice([0.0, 1.0], rows),
            "tenure_months": rng.integers(0, 60, rows).astype(float),
        }
    )
    return inputs, pd.Series(rng.integers(0, 2, rows))


def noisy(target: pd.Series, noise: float, seed: int = 1) -> np.ndarray:
    """Return probabilities that are the better, the less noise there is."""
    rng = np.random.default_rng(seed)
    return np.clip(target.to_numpy() * 0.4 + 0.3 + rng.normal(0, noise, len(target)), 0, 1)


def judged(challenger: np.ndarray, champion: np.ndarray | None) -> list[compare.Row]:
    inputs, target = customers()
    return list(compare.judge(inputs, target.to_numpy(), champion, challenger, LIMITS, seed=7))


def refusals(challenger: np.ndarray, champion: np.ndarray | None) -> list[str]:
    rows = judged(challenger, champion)
    found = [row.what for row in rows if row.good is False]
    head, _, *shown = compare.report(rows).splitlines()
    assert head.endswith("  verdict")
    assert [line.endswith("  refused") for line in shown] == [row.good is False for row in rows]
    return found


def test_a_challenger_that_is_better_everywhere_passes() -> None:
    _, target = customers()
    assert refusals(noisy(target, 0.2), noisy(target, 0.3)) == []


def test_without_a_champion_only_the_threshold_counts() -> None:
    _, target = customers()
    assert refusals(noisy(target, 0.2), None) == []
    assert refusals(noisy(target, 0.9), None) == ["roc_auc"]


def test_the_champion_itself_does_not_replace_the_champion() -> None:
    _, target = customers()
    same = noisy(target, 0.3)
    assert refusals(same, same) == ["gain", "gain, 90% sure"]


def test_a_gain_that_may_be_luck_is_refused() -> None:
    _, target = customers()
    old, others = noisy(target, 0.3), (noisy(target, 0.3, seed) for seed in range(2, 99))
    lucky = next(new for new in others if refusals(new, old) == ["gain, 90% sure"])
    gain = next(row for row in judged(lucky, old) if row.what == "gain")
    assert gain.good is True


def test_better_order_does_not_excuse_worse_probabilities() -> None:
    _, target = customers()
    squeezed = 0.9 + noisy(target, 0.2) / 10
    assert refusals(squeezed, noisy(target, 0.3)) == ["brier"]


def test_a_slice_that_loses_refuses_the_whole() -> None:
    inputs, target = customers()
    seniors = (inputs["senior"] == 1) & (inputs["contract"] == "two-year")
    challenger = np.where(seniors, noisy(target, 0.9), noisy(target, 0.1))
    found = refusals(challenger, noisy(target, 0.3))
    assert set(found) <= {"contract two-year", "senior yes"}
    assert found


def test_a_small_slice_is_shown_and_not_judged() -> None:
    inputs, target = customers(150)
    inputs["senior"] = [1.0] * 10 + [0.0] * 140
    worse = noisy(target, 0.1)
    worse[:10] = 1 - worse[:10]
    rows = list(compare.judge(inputs, target.to_numpy(), noisy(target, 0.1), worse, LIMITS, 7))
    (seniors,) = [row for row in rows if row.what == "senior yes"]
    assert (seniors.rows, seniors.good) == (10, None)
    assert seniors.challenger < seniors.champion
    assert "too few rows" in compare.report(rows)


@pytest.mark.parametrize(
    ("rows", "ones", "enough"),
    [(100, 20, 1), (100, 80, 1), (99, 20, 0), (100, 19, 0), (100, 81, 0), (100, 0, 0)],
)
def test_a_slice_is_judged_from_its_limits_on(rows: int, ones: int, enough: int) -> None:
    target = np.arange(rows) < ones
    row = compare.by_slice("x", target, target, target, LIMITS)
    assert (row.rows, row.good) == (rows, True if enough else None)


def test_the_hash_of_params_knows_no_order() -> None:
    params = record.parse_params((ROOT / "labs/churn/params.yaml").read_text())
    assert record.params_hash(params) == record.params_hash(dict(reversed(params.items())))


def test_bands_of_tenure_are_in_order_and_whole() -> None:
    bands = scores.banded(pd.Series([0.0, 5, 6, 23, 24, 47, 48, 120]), [0, 6, 24, 48])
    expected = ["0 to 5", "6 to 23", "24 to 47", "48 and more"]
    assert list(bands) == [name for name in expected for _ in range(2)]
