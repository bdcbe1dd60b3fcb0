"""A week of a model's answers, a sample a minute, as OpenMetrics text with a time at each.

`python week.py START` writes it from START (Unix seconds). By day there are 60 requests a minute,
from midnight to six there are two. What happened is in EVENTS.
"""

import sys
from typing import NamedTuple

MINUTES = 7 * 24 * 60


class Event(NamedTuple):
    """A time of errors: its first minute, how many, and the share of requests that failed."""

    name: str
    begin: int
    minutes: int
    share: float


def at(day: int, hour: int) -> int:
    """The minute of the week, from day 1 and hour 0 on."""
    return ((day - 1) * 24 + hour) * 60


EVENTS = [
    *(Event(f"night {day}", at(day, 3), 12, 0.25) for day in range(1, 8)),
    Event("all fail", at(2, 10), 12, 1),
    Event("one in ten", at(3, 16), 180, 0.1),
    Event("one in fifty", at(5, 18), 36 * 60, 0.02),
]


def requests(minute: int) -> int:
    """How many came in that minute."""
    return 60 if minute // 60 % 24 >= 6 else 2


def share(minute: int) -> float:
    """Which part of them failed."""
    return max((e.share for e in EVENTS if 0 <= minute - e.begin < e.minutes), default=0)


if __name__ == "__main__":
    start = int(sys.argv[1])
    good, bad = [0.0], [0.0]
    for minute in range(MINUTES):
        good.append(good[-1] + requests(minute) * (1 - share(minute)))
        bad.append(bad[-1] + requests(minute) * share(minute))
    print("# TYPE model_answers counter")
    for code, counts in (("200", good), ("500", bad)):
        for minute, count in enumerate(counts):
            labels = f'model="churn",code="{code}"'
            print(f"model_answers_total{{{labels}}} {count:.2f} {start + 60 * minute}")
    print("# EOF")
