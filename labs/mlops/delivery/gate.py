"""Refuse a model whose metrics miss a limit of gate.yaml, before anything leaves the runner."""

import json
import sys
from pathlib import Path

import yaml

LIMITS = Path(__file__).with_name("gate.yaml")


def misses(metrics: dict[str, float], limits: dict[str, dict[str, float]]) -> list[str]:
    """Return a sentence for every limit that is missed; a metric that is not there misses it."""
    found = []
    for name, limit in limits.items():
        value = metrics.get(name)
        least, most = limit.get("at_least", float("-inf")), limit.get("at_most", float("inf"))
        # Written so that NaN misses every limit.
        if value is None or not least <= value <= most:
            bound = f"at least {least}" if "at_least" in limit else f"at most {most}"
            found.append(f"{name} is {value}, allowed is {bound}")
    return found


def main(metrics: Path = Path("metrics.json"), limits: Path = LIMITS) -> int:
    """Print what is missed; the status is 1 if anything is."""
    found = misses(
        json.loads(metrics.read_text(encoding="utf-8")),
        yaml.safe_load(limits.read_text(encoding="utf-8")),
    )
    print("\n".join(found) or "the model is within all limits")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
