"""Which alerts would have fired: `python replay.py RULES START` asks the Prometheus at
$PROMETHEUS_URL about the week from START (Unix seconds), a minute after the other.

It prints a line for each time that an alert fires: its name, the first minute and the last.
"""

import json
import os
import sys
import urllib.parse
import urllib.request

import yaml
from week import MINUTES


def fires(query: str, start: int) -> list[int]:
    """The minutes in which a query has an answer."""
    span = {"query": query, "start": start, "end": start + 60 * MINUTES, "step": 60}
    url = f"{os.environ['PROMETHEUS_URL']}/api/v1/query_range?{urllib.parse.urlencode(span)}"
    with urllib.request.urlopen(url, timeout=600) as answer:
        series = json.load(answer)["data"]["result"]
    return sorted({(int(time) - start) // 60 for one in series for time, _ in one["values"]})


def spans(minutes: list[int]) -> list[tuple[int, int]]:
    """The first and the last of minutes that follow each other."""
    begins = [minute for minute in minutes if minute - 1 not in minutes]
    ends = [minute for minute in minutes if minute + 1 not in minutes]
    return list(zip(begins, ends, strict=True))


def main() -> None:
    """Ask for every alert whose expression has answers in that week."""
    with open(sys.argv[1], encoding="utf-8") as file:
        rules = [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]
    recorded = {rule["record"]: rule["expr"] for rule in rules if "record" in rule}
    for rule in rules:
        query = rule["expr"]
        for name, expression in recorded.items():
            query = query.replace(name, f"({expression})")
        if "for" in rule:  # true now, and in each of so many minutes before
            minutes = int(rule["for"].removesuffix("m")) + 1
            query = f"count_over_time(({query})[{minutes}m:1m]) == {minutes}"
        if "alert" in rule:
            for begin, end in spans(fires(query, int(sys.argv[2]))):
                print(rule["alert"], begin, end)


if __name__ == "__main__":
    main()
