import hashlib
from pathlib import Path

import generate_data
import pandas as pd
import pytest

MD5 = "42be67e6f02ed4e8529efd7785406d05"


def test_default_file_is_the_same_to_the_byte(csv_path: Path) -> None:
    assert hashlib.md5(csv_path.read_bytes()).hexdigest() == MD5


def test_seed_changes_the_data() -> None:
    assert not generate_data.generate(50, 1).equals(generate_data.generate(50, 2))


def test_schema(csv_path: Path) -> None:
    frame = pd.read_csv(csv_path)
    assert list(frame.columns) == generate_data.COLUMNS
    assert len(frame) == 5000
    assert frame["customer_id"].is_unique
    assert frame["tenure_months"].between(0, 72).all()
    assert set(frame["contract"]) == set(generate_data.CONTRACTS)
    assert set(frame["internet_service"]) == set(generate_data.INTERNET)
    assert set(frame["payment_method"].dropna()) == set(generate_data.PAYMENTS)
    assert set(frame["churned"]) == {0, 1}
    assert frame["churned"].mean() == pytest.approx(0.25, abs=0.02)


def test_only_the_expected_columns_have_gaps(csv_path: Path) -> None:
    frame = pd.read_csv(csv_path)
    gaps = frame.columns[frame.isna().any()]
    assert set(gaps) == {"total_charges", "data_usage_gb", "payment_method"}
    assert (frame["tenure_months"] == 0).equals(frame["total_charges"].isna())


def test_drift_moves_inputs_and_churn() -> None:
    before, after = generate_data.generate(2000, 7), generate_data.generate(2000, 7, drift=1.0)
    for column in ("monthly_charges", "support_calls", "churned"):
        assert after[column].mean() > 1.1 * before[column].mean()
    monthly = [(frame["contract"] == "month-to-month").mean() for frame in (before, after)]
    assert monthly[1] > monthly[0] + 0.2
    assert before["tenure_months"].equals(after["tenure_months"])


def test_options_win_over_params(tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("data: {rows: 10, seed: 1, drift: 0.0}\n")
    generate_data.main(["--params", str(params), "--rows", "3", "--out", str(tmp_path / "a.csv")])
    assert len(pd.read_csv(tmp_path / "a.csv")) == 3
