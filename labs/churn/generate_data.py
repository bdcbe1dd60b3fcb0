"""Write a synthetic table of telephone customers and whether they churned."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

COLUMNS = [
    "customer_id",
    "tenure_months",
    "monthly_charges",
    "total_charges",
    "support_calls",
    "data_usage_gb",
    "contract",
    "payment_method",
    "internet_service",
    "paperless_billing",
    "senior",
    "churned",
]
CONTRACTS = ["month-to-month", "one-year", "two-year"]
PAYMENTS = ["electronic-check", "mailed-check", "bank-transfer", "credit-card"]
INTERNET = ["fiber", "dsl", "none"]


def draw(rng: np.random.Generator, rows: int, values: list[str], shares: list[float]) -> np.ndarray:
    """Draw one value per row, using one random number per row whatever the shares are."""
    edges = np.cumsum(shares)[:-1]
    return np.array(values, dtype=object)[np.searchsorted(edges, rng.random(rows), side="right")]


def make_customers(rng: np.random.Generator, rows: int, drift: float) -> pd.DataFrame:
    """Build the inputs. Drift raises prices, month-to-month contracts and support calls."""
    frame = pd.DataFrame({"customer_id": [f"C{number:06d}" for number in range(1, rows + 1)]})
    frame["tenure_months"] = np.minimum(rng.exponential(28.0, rows), 72.0).astype(int)
    moved = 0.25 * min(drift, 1.5)
    frame["contract"] = draw(rng, rows, CONTRACTS, [0.5 + moved, 0.28 - moved / 2, 0.22])
    frame["internet_service"] = draw(rng, rows, INTERNET, [0.44, 0.35, 0.21])
    frame["payment_method"] = draw(rng, rows, PAYMENTS, [0.34, 0.22, 0.22, 0.22])
    frame["paperless_billing"] = draw(rng, rows, ["yes", "no"], [0.6, 0.4])
    frame["senior"] = (rng.random(rows) < 0.16).astype(int)

    base_price = frame["internet_service"].map({"fiber": 82.0, "dsl": 55.0, "none": 22.0})
    price = (base_price + rng.normal(0.0, 8.0, rows)).clip(lower=12.0)
    frame["monthly_charges"] = (price * (1 + 0.18 * drift)).round(2)
    discount = 1 + rng.normal(0.0, 0.04, rows)
    frame["total_charges"] = (frame["monthly_charges"] * frame["tenure_months"] * discount).round(2)

    fiber = frame["internet_service"] == "fiber"
    # A quantile of a fixed draw, so that drift moves the counts of the same customers.
    calls = rng.exponential(1.0, rows) * (1.2 + 0.4 * fiber + 1.0 * drift)
    frame["support_calls"] = np.minimum(calls, 12.0).astype(int)
    usage = rng.lognormal(3.6, 0.6, rows) * (1 + 0.6 * fiber)
    frame["data_usage_gb"] = usage.where(frame["internet_service"] != "none", 0.0).round(2)
    return frame


def churn_probability(frame: pd.DataFrame, noise: np.ndarray, drift: float) -> np.ndarray:
    """Apply a logistic rule with interactions. Drift makes loyalty count less and price more."""
    monthly = frame["contract"] == "month-to-month"
    fiber = frame["internet_service"] == "fiber"
    calls = frame["support_calls"]
    score = (
        -1.80
        - 0.034 * (1 - 0.5 * drift) * frame["tenure_months"]
        + (0.018 + 0.012 * drift) * (frame["monthly_charges"] - 60)
        + 1.00 * monthly
        - 0.95 * (frame["contract"] == "two-year")
        + 0.25 * calls
        + 0.45 * (frame["payment_method"] == "electronic-check")
        + 0.20 * (frame["paperless_billing"] == "yes")
        + 0.30 * frame["senior"]
        + 1.80 * (monthly & (calls >= 3))
        + 2.00 * (fiber & (frame["tenure_months"] < 6))
        - 1.50 * ((frame["data_usage_gb"] > 60) & ~monthly)
        + 1.70 * (monthly & fiber & (frame["data_usage_gb"] < 40))
        + 0.40 * noise
    )
    return 1 / (1 + np.exp(-score.to_numpy()))


def hide_values(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Blank out what a real export lacks: no bill yet, no meter reading, no stored payment."""
    rows = len(frame)
    frame["total_charges"] = frame["total_charges"].mask(frame["tenure_months"] == 0)
    frame["data_usage_gb"] = frame["data_usage_gb"].mask(rng.random(rows) < 0.04)
    frame["payment_method"] = frame["payment_method"].mask(rng.random(rows) < 0.03)
    return frame


def generate(rows: int, seed: int, drift: float = 0.0) -> pd.DataFrame:
    """Return the table; the same arguments always give the same table."""
    rng = np.random.Generator(np.random.PCG64(seed))
    frame = make_customers(rng, rows, drift)
    probability = churn_probability(frame, rng.normal(0.0, 1.0, rows), drift)
    # Rounded, because the last bits of exp() differ between platforms.
    frame["churned"] = (rng.random(rows) < probability.round(9)).astype(int)
    return hide_values(frame, rng)[COLUMNS]


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the CSV file with fixed decimals and line ends, so that its hash is stable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False, float_format="%.2f", lineterminator="\n", encoding="utf-8")


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--rows", type=int, help="default: data.rows of the params file")
    parser.add_argument("--seed", type=int, help="default: data.seed of the params file")
    parser.add_argument("--drift", type=float, help="default: data.drift; 1.0 is a clear shift")
    parser.add_argument("--out", type=Path, default=Path("data/churn.csv"))
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Write the table that the params file describes."""
    args = parse_args(argv)
    settings: dict[str, Any] = yaml.safe_load(args.params.read_text(encoding="utf-8"))["data"]
    for name in ("rows", "seed", "drift"):
        if getattr(args, name) is not None:
            settings[name] = getattr(args, name)
    frame = generate(settings["rows"], settings["seed"], settings["drift"])
    write(frame, args.out)
    print(f"{args.out}: {len(frame)} rows, {frame['churned'].mean():.1%} churned")


if __name__ == "__main__":
    main()
