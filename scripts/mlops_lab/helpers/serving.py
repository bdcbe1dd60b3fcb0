"""What the serving lab needs and a reader need not see: requests, metrics and load."""

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from mlops_lab.core.waiting import LIMIT, until
from mlops_lab.services.running import Running

# One client for all: it keeps connections open, as a client in production would. It drops one that
# was idle for two seconds: uvicorn does so after five, and a request could meet that.
_http = httpx.Client(timeout=LIMIT, limits=httpx.Limits(keepalive_expiry=2), trust_env=False)
_JSON = {"Content-Type": "application/json"}

# Prometheus samples by name and, for buckets, by upper bound.
Samples = dict[tuple[str, str | None], float]


def get(url: str) -> tuple[int, Any]:
    """The status and the decoded body of a GET request."""
    answer = _http.get(url)
    return answer.status_code, answer.json()


def post(url: str, body: Any) -> tuple[int, Any]:
    """Send `body` as JSON, or a string or bytes as they are; the status and the decoded answer."""
    content = {"content": body} if isinstance(body, str | bytes) else {"json": body}
    answer = _http.post(url, headers=_JSON, **content)
    return answer.status_code, answer.json()


def scrape(url: str) -> Samples:
    """The server's request metrics, as Prometheus would read them."""
    families = text_string_to_metric_families(_http.get(f"{url}/metrics").text)
    return {
        (sample.name, sample.labels.get("le")): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith("request_")
    }


def growth(before: Samples, after: Samples) -> dict[str, int]:
    """By how much each stage's count of requests grew between two scrapes, in the order of work."""
    keys = {
        s: (f"request_{s}_seconds_count", None) for s in ("preprocess", "predict", "postprocess")
    }
    return {stage: int(after[key] - before.get(key, 0)) for stage, key in keys.items()}


def buckets(before: Samples, after: Samples, stage: str) -> list[tuple[float, float]]:
    """The growth of a stage's cumulative buckets: (upper bound in seconds, count), ascending."""
    wanted = f"request_{stage}_seconds_bucket"
    return sorted(
        (float(key[1]), value - before.get(key, 0))
        for key, value in after.items()
        if key[0] == wanted and key[1] is not None
    )


def logged_predict_ms(server: Running) -> list[float]:
    """The exact durations of predict() that KServe logs, one for each request, in order."""
    log = Path(server.log).read_text(encoding="utf-8")
    return [float(number) for number in re.findall(r"\bpredict_ms: ([\d.e-]+)", log)]


def timed_load(
    url: str, body: Any, requests: int, workers: int
) -> tuple[dict[int, int], list[float]]:
    """Send the same request many times; how often each status came, and each one's milliseconds."""

    def one(_: int) -> tuple[int, float]:
        begin = time.perf_counter()
        status, _answer = post(url, body)
        return status, 1000 * (time.perf_counter() - begin)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        results = list(pool.map(one, range(requests)))
    return dict(Counter(status for status, _ in results)), [ms for _, ms in results]


@dataclass
class Traffic:
    """A caller that repeats one request until told to stop, and a router that knows one address.

    Attributes:
        answered: how often each probability came back with status 200.
        failed: how many requests got another status or no answer.
        timeline: of each request the second since the first, and its answer or "failed".
    """

    url: str
    path: str
    body: Any
    answered: Counter[float] = field(default_factory=Counter)
    failed: int = 0
    timeline: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)
        self._thread.start()

    def move(self, url: str) -> None:
        """Send requests to another server from now on.

        Returns when the last one to the old server is over, and the first to the new one.
        """
        with self._lock:
            self.url = url
            self._ask()

    def see(self, number: int) -> None:
        """Return when so many more requests have been answered."""
        wanted = self.answered.total() + number
        until(f"{number} answers", lambda: self.answered.total() >= wanted)

    def stop(self) -> None:
        """Send no more; returns when the last request is over."""
        self._enough.set()
        self._thread.join()

    def _repeat(self) -> None:
        while not self._enough.wait(0.02):
            with self._lock:
                self._ask()

    def _ask(self) -> None:
        try:
            status, answer = post(self.url + self.path, self.body)
        except httpx.TransportError:
            status, answer = 0, None
        if status == 200:
            said = answer["predictions"][0]["probability"]
            self.answered[said] += 1
        else:
            said = "failed"
            self.failed += 1
        self.timeline.append((time.monotonic() - self._begun, str(said)))
