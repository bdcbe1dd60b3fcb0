"""Write a batch that tells a story: one that helps, one that does not, and broken ones."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import generate_data
import numpy as np
import pandas as pd
from delivery.shell import md5_of

SEED = 23
ROWS = 6000
WRONG_LABELS = 0.2


def better(rows: int) -> pd.DataFrame:
    """Prices and habits have changed, and only a new model knows it."""
    return generate_data.generate(rows, SEED, drift=1.0)


def better_still(rows: int) -> pd.DataFrame:
    """The change goes on, so the winner of the first story is out of date as well."""
    return generate_data.generate(rows, SEED + 1, drift=1.5)


def worse(rows: int) -> pd.DataFrame:
    """The world is as it was, but one label in five is wrong: there is nothing to learn."""
    frame = generate_data.generate(rows, SEED)
    wrong = np.random.default_rng(SEED).random(rows) < WRONG_LABELS
    frame["churned"] = frame["churned"].mask(wrong, 1 - frame["churned"])
    return frame


def missing_column(rows: int) -> pd.DataFrame:
    """An export without support_calls."""
    return better(rows).drop(columns="support_calls")


def renamed_category(rows: int) -> pd.DataFrame:
    """The billing system calls a contract by another name since last night."""
    frame = better(rows)
    frame["contract"] = frame["contract"].replace("month-to-month", "monthly")
    return frame


def latin_1(rows: int) -> pd.DataFrame:
    """An export by a program that does not know UTF-8; `write` sees to that."""
    frame = better(rows)
    frame.loc[rows // 2, "customer_id"] = "Ç000000"
    return frame


def zero_rows(rows: int) -> pd.DataFrame:
    """A header and nothing else."""
    return better(rows).head(0)


STORIES: dict[str, Callable[[int], pd.DataFrame]] = {
    "better": better,
    "better-still": better_still,
    "worse": worse,
    "missing-column": missing_column,
    "renamed-category": renamed_category,
    "latin-1": latin_1,
    "zero-rows": zero_rows,
}


def write(name: str, path: Path, rows: int = ROWS) -> None:
    """Write the story's batch; the same arguments always give the same file."""
    generate_data.write(STORIES[name](rows), path)
    if name == "latin-1":
        path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def main(argv: list[str] | None = None) -> int:
    """Read the command line and write one story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=STORIES)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--out", type=Path, help="default: data/NAME.csv")
    args = parser.parse_args(argv)
    path = args.out or Path("data") / f"{args.name}.csv"
    write(args.name, path, args.rows)
    print(f"{path}: {path.stat().st_size} bytes, md5 {md5_of(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
