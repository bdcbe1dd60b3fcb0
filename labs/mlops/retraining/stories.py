"""Write a batch that tells a story: one that helps, one that does not, and broken ones."""

import argparse
from pathlib import Path

import generate_data
import numpy as np
import pandas as pd
from delivery.shell import md5_of

SEED = 23
ROWS = 6000
WRONG_LABELS = 0.2
# The seed and the drift of the world that each is from.
STORIES = {
    "better": (SEED, 1.0),  # prices and habits have changed, and only a new model knows it
    "better-still": (SEED + 1, 1.5),  # it goes on, so the first story's winner is out of date, too
    "worse": (SEED, 0.0),  # the world is as it was, but one label in five is wrong
    "missing-column": (SEED, 1.0),  # an export without support_calls
    "renamed-category": (SEED, 1.0),  # a contract has another name since last night
    "latin-1": (SEED, 1.0),  # an export by a program that does not know UTF-8
    "zero-rows": (SEED, 1.0),  # a header and nothing else
}


def batch(story: str, rows: int) -> pd.DataFrame:
    """Make the story's table."""
    seed, drift = STORIES[story]
    frame = generate_data.generate(rows, seed, drift)
    match story:
        case "worse":
            wrong = np.random.default_rng(SEED).random(rows) < WRONG_LABELS
            frame["churned"] = frame["churned"].mask(wrong, 1 - frame["churned"])
        case "missing-column":
            del frame["support_calls"]
        case "renamed-category":
            frame["contract"] = frame["contract"].replace("month-to-month", "monthly")
        case "latin-1":
            frame.loc[rows // 2, "customer_id"] = "Ç000000"
        case "zero-rows":
            frame = frame.head(0)
    return frame


def write(story: str, path: Path, rows: int = ROWS) -> None:
    """Write the story's batch; the same arguments always give the same file."""
    generate_data.write(batch(story, rows), path)
    if story == "latin-1":
        path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def main(argv: list[str] | None = None) -> None:
    """Read the command line and write one story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("story", choices=STORIES)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)
    write(args.story, args.out, args.rows)
    print(f"{args.out}: {args.out.stat().st_size} bytes, md5 {md5_of(args.out)}")


if __name__ == "__main__":
    main()
