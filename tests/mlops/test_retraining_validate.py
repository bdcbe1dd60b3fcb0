import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import generate_data
import numpy as np
import pandas as pd
import pytest
from retraining import batch, checks, drift, stories, validate

from conftest import ROOT

pytest_plugins = ["mlops.retraining_fixtures"]
MLOPS = ROOT / "labs/mlops"
ROWS = 1500
Edit = Callable[[pd.DataFrame], pd.DataFrame | None]


@pytest.fixture(autouse=True)
def project(csv_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(MLOPS / "retraining.yaml", tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(csv_path, tmp_path / "data/churn.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    return tmp_path


def written(edit: Edit) -> pd.DataFrame:
    """Write a good batch, changed by `edit`."""
    frame = generate_data.generate(ROWS, seed=31)
    changed = edit(frame)
    frame = frame if changed is None else changed
    generate_data.write(frame, Path("data/new.csv"))
    return frame


def status_and_report() -> tuple[int, dict[str, Any]]:
    return validate.main(), json.loads(Path("validation.json").read_text())


def errors() -> list[dict[str, str]]:
    """Validate a batch that must be refused, and return what was wrong."""
    status, report = status_and_report()
    found = [check for check in report["checks"] if check["verdict"] == "error"]
    assert (status, report["passed"]) == (1, False)
    assert "passed=false" in Path("outputs").read_text()
    return found


def changed(column: str, value: Any, rows: int = 3) -> Edit:
    """Return an edit that sets the first rows of a column."""

    def edit(frame: pd.DataFrame) -> None:
        frame[column] = frame[column].astype(object)
        frame.loc[: rows - 1, column] = value

    return edit


def test_a_good_batch_passes_whatever_the_order_of_its_columns() -> None:
    frame = written(lambda frame: frame[frame.columns[::-1]])
    status, report = status_and_report()
    assert {check["check"] for check in report["checks"]} >= {"drift, psi", "drift, ks"}
    drifted = {check["column"] for check in report["checks"] if check["check"] == "drift, psi"}
    assert drifted == {*frame.columns} - {"customer_id"}
    assert (status, report["passed"], report["drift"]) == (0, True, False)
    assert {check["verdict"] for check in report["checks"]} == {"ok"}


@pytest.mark.parametrize(
    ("edit", "column", "check", "found"),
    [
        (lambda f: f.drop(columns="senior"), "senior", "schema", "missing"),
        (lambda f: f.assign(age=1), "age", "schema", "unexpected"),
        (lambda f: f.head(20), "the batch", "rows", "20"),
        (lambda f: f.head(0), "the batch", "rows", "0"),
        (changed("customer_id", "C7"), "customer_id", "repeated", "2 rows, 0.1%"),
        (changed("tenure_months", 2.5), "tenure_months", "type",
         "3 of another type, first '2.5' in line 2"),
        (changed("senior", "yes", 1), "senior", "type", "1 of another type, first 'yes' in line 2"),
        (changed("monthly_charges", "inf", 1), "monthly_charges", "type",
         "1 of another type, first 'inf'"),
        (changed("monthly_charges", "NULL", 1), "monthly_charges", "type",
         "1 of another type, first 'NU"),
        (changed("monthly_charges", -1), "monthly_charges", "range", "-1 to"),
        (changed("churned", 2), "churned", "range", "0 to 2"),
        (changed("churned", 1, ROWS), "churned", "share of 1", "100.0%"),
        (changed("churned", None), "churned", "missing", "0.2%"),
        (changed("data_usage_gb", None, 900), "data_usage_gb", "missing", "6"),
        (changed("internet_service", "Fibre"), "internet_service", "categories", "nearest 'fiber'"),
        (changed("paperless_billing", "zzz"), "paperless_billing", "categories", "'zzz' in 3 rows"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_column(edit: Edit, column: str, check: str, found: str) -> None:
    written(edit)
    first = errors()[0]
    assert (first["column"], first["check"]) == (column, check)
    assert found in first["found"]


def test_a_renamed_column_is_named_with_what_it_is_now() -> None:
    written(lambda frame: frame.rename(columns={"support_calls": "support_call"}))
    assert [row["found"] for row in errors()] == [
        "missing; perhaps it is 'support_call' now",
        "unexpected",
    ]


def test_training_data_sent_once_more_is_refused() -> None:
    shutil.copy("data/churn.csv", "data/new.csv")
    assert [row["check"] for row in errors()] == ["known rows"]


@pytest.mark.parametrize(
    ("content", "check", "found"),
    [
        (b"", "format", "empty"),
        (b"a,b\n1,2\n1,2,3\n", "format", "line 3"),
        (b"a,b\n1,2,3\n1,2,3\n", "format", "line 2: 3 fields instead of 2"),
        (b"a,b\n1,\xe9\n", "encoding", "0xe9 at byte 6, in line 2"),
        (b"\xff\xfea\x00", "encoding", "0xff at byte 0, in line 1"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content: bytes, check: str, found: str) -> None:
    Path("data/new.csv").write_bytes(content)
    (error,) = errors()
    assert error["check"] == check
    assert found in error["found"]


def test_no_batch_is_no_refusal(capsys) -> None:
    assert validate.main() == 2
    assert "run python -m retraining.fetch first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("better", 0, "drift, psi"),
        ("worse", 0, "errors: 0"),
        ("missing-column", 1, "support_calls  "),
        ("renamed-category", 1, "'monthly' in 4502 rows, nearest 'month-to-month'"),
        ("latin-1", 1, "0xc7 at byte 216698, in line 3002"),
        ("zero-rows", 1, "500 to 50000"),
    ],
)
def test_each_story_gets_as_far_as_it_should(name: str, status: int, said: str, capsys) -> None:
    stories.main([name, "--out", "data/new.csv"])
    assert validate.main() == status
    assert said in capsys.readouterr().out


def test_many_rows_become_a_sample_that_the_seed_decides(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    frame = pd.DataFrame({"customer_id": np.arange(12_000) % 10_000, "x": range(12_000)})
    frame.to_csv(path, index=False)
    first, second, other = (batch.read(path, 1000, seed) for seed in (1, 1, 2))
    assert (len(first.frame), first.rows, first.repeated) == (1000, 12_000, 2_000)
    assert first.frame.equals(second.frame)
    assert not first.frame.equals(other.frame)
    # From all of the file, and each row with its own line.
    assert abs(first.frame["x"].astype(int).mean() - 6_000) < 600
    assert (first.frame["x"].astype(int) + 2 == first.frame.index).all()


def test_the_report_says_that_it_is_about_a_sample() -> None:
    text = Path("retraining.yaml").read_text()
    Path("retraining.yaml").write_text(text.replace("max_rows: 50_000", "max_rows: 1_000"))
    written(lambda frame: None)
    status, report = status_and_report()
    (rows,) = [check for check in report["checks"] if check["check"] == "rows"]
    assert (status, rows["verdict"]) == (0, "warning")
    assert rows["found"] == "1500; of these a sample of 1000 is used"


def test_psi_of_two_bins_is_the_formula_by_hand() -> None:
    # (0.4 - 0.5) ln(0.4 / 0.5) + (0.6 - 0.5) ln(0.6 / 0.5)
    found = drift.psi(np.array([0.5, 0.5]), np.array([0.4, 0.6]))
    assert found == pytest.approx(0.0405465, abs=1e-7)


def test_psi_of_a_bin_that_is_empty_now_is_large_and_finite() -> None:
    assert 1 < drift.psi(np.array([0.5, 0.5]), np.array([0.0, 1.0])) < 10


def test_values_that_go_missing_are_a_drift() -> None:
    whole = pd.Series(np.arange(1000.0), name="x")
    half = whole.mask(whole % 2 == 0)
    pairs = [drift.shares(*drift.bin_numbers(whole, new, 10)) for new in (whole, half)]
    same, other = (drift.psi(*pair) for pair in pairs)
    assert same == 0
    assert other > 1


def test_many_equal_values_need_no_ten_bins() -> None:
    flat = pd.Series([0.0] * 95 + [1.0] * 5, name="x")
    old, new = drift.bin_numbers(flat, 1 - flat, 10)
    assert drift.psi(*drift.shares(old, new)) > 1


def test_three_unknown_categories_are_named_and_the_rest_counted() -> None:
    column = pd.Series(["a", "b", "c", "d", "e"], name="x")
    three = "'a' in 1 rows; 'b' in 1 rows; 'c' in 1 rows"
    assert checks.categories(column, ["known"]).found == f"{three}; and 2 more"
    assert checks.categories(column[:3], ["known"]).found == three
