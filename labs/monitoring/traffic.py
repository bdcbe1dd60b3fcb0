"""An hour of a model service's metrics, as OpenMetrics text with a time at each sample.

`python traffic.py START` writes two replicas, scraped every 15 s from START (Unix seconds):
a answers nine requests in ten, b the tenth. At minute 30 b is restarted, so that its counters
begin at 0 again. From minute 40 on b is slow, and one of its answers in ten is an error.

The format: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
"""

import sys
from collections.abc import Iterator

STEP, SAMPLES = 15, 241
EDGES = ("0.05", "0.1", "0.25", "0.5", "1.0", "+Inf")
# Answers in each 15 s, by the edge that they are under.
QUICK, SLOW = (0.4, 0.9, 1, 1, 1, 1), (0, 0, 0.1, 0.5, 1, 1)
REQUESTS = {"a": 270, "b": 30}
VERSIONS = {"a": "3", "b": "4"}


def replica(name: str) -> Iterator[tuple[int, dict[str, float]]]:
    """The counters of a replica at each scrape: for each sample its labels and its value."""
    total, errors = 0.0, 0.0
    buckets, seconds = [0.0] * len(EDGES), 0.0
    for number in range(SAMPLES):
        minute = number * STEP / 60
        if name == "b" and minute == 30:
            total, errors, seconds, buckets = 0.0, 0.0, 0.0, [0.0] * len(EDGES)
        trouble = name == "b" and minute >= 40
        shares = SLOW if trouble else QUICK
        total += REQUESTS[name]
        errors += REQUESTS[name] / 10 if trouble else 0
        seconds += REQUESTS[name] * (0.5 if trouble else 0.06)
        buckets = [b + share * REQUESTS[name] for b, share in zip(buckets, shares, strict=True)]
        yield (
            number * STEP,
            {
                'requests_total{CODE="200"}': total - errors,
                'requests_total{CODE="500"}': errors,
                **{
                    f'latency_seconds_bucket{{LE="{edge}"}}': count
                    for edge, count in zip(EDGES, buckets, strict=True)
                },
                "latency_seconds_count{}": total,
                "latency_seconds_sum{}": seconds,
            },
        )


def write(start: int) -> Iterator[str]:
    """All lines: families one after the other, and in each the samples of a series by time."""
    for family, kind in (("requests", "counter"), ("latency_seconds", "histogram")):
        yield f"# TYPE {family} {kind}"
        for name in REQUESTS:
            samples = list(replica(name))
            for series in samples[0][1]:
                if series.startswith(family):
                    labels = series.replace("{", f'{{replica="{name}",').replace(",}", "}")
                    labels = labels.replace("CODE", "code").replace("LE", "le")
                    for offset, values in samples:
                        yield f"{labels} {values[series]:g} {start + offset}"
    yield "# TYPE model info"
    for name, version in VERSIONS.items():
        for number in range(SAMPLES):
            yield f'model_info{{replica="{name}",version="{version}"}} 1 {start + number * STEP}'
    yield "# EOF"


if __name__ == "__main__":
    print(*write(int(sys.argv[1])), sep="\n")
