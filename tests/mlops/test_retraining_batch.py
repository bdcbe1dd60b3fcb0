import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from retraining import fetch, payload, step, storage

from conftest import ROOT, answering

MLOPS = ROOT / "labs/mlops"
BUCKET = "churn-data"
MD5 = "0123456789abcdef" * 2
URI = f"s3://{BUCKET}/incoming/new.csv"
GOOD = {"uri": URI, "md5": MD5}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(MLOPS / "retraining.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BUCKET", BUCKET)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    return tmp_path


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def outputs() -> dict[str, str]:
    lines = Path("outputs").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def send(event: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    text = event if isinstance(event, str) else json.dumps(event)
    Path("event.json").write_text(text)
    monkeypatch.setenv("GITHUB_EVENT_PATH", "event.json")
    return payload.main()


def test_a_good_payload_becomes_outputs(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    assert send({"client_payload": GOOD}, monkeypatch) == 0
    assert outputs() == GOOD
    assert f"batch: {URI}, named by the event; md5 {MD5}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"client_payload": []}, "client_payload must be an object"),
        ({"client_payload": {"md5": MD5}}, "client_payload.uri is missing"),
        ({"client_payload": {"uri": URI}}, "client_payload.md5 is missing"),
        ({"client_payload": GOOD | {"rows": 5}}, "client_payload.rows is not expected"),
        ({"client_payload": GOOD | {"md5": "abc"}}, "client_payload.md5 must be 32 hex digits"),
        ({"client_payload": GOOD | {"md5": 7}}, "client_payload.md5 must be 32 hex digits"),
        ({"client_payload": GOOD | {"md5": MD5 + "\n"}}, "client_payload.md5"),
        ({"client_payload": GOOD | {"uri": 7}}, "client_payload.uri"),
        ({"client_payload": GOOD | {"uri": f"s3://{BUCKET}/new.exe"}}, "s3://bucket/key.csv"),
        ({"client_payload": GOOD | {"uri": f"s3://{BUCKET}/$(id).csv"}}, "s3://bucket/key.csv"),
        ({"client_payload": GOOD | {"uri": f"{URI}\npromote=true"}}, "s3://bucket/key.csv"),
        ({"client_payload": GOOD | {"uri": "s3://other/new.csv"}}, f"in the bucket {BUCKET}"),
        (["client_payload"], "not a JSON object"),
        ("{", "cannot be read"),
    ],
)
def test_another_payload_is_refused_by_the_name_of_its_field(
    event: Any, said: str, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    assert send(event, monkeypatch) == 2
    assert said in capsys.readouterr().err
    assert not Path("outputs").exists()


def test_a_dispatch_without_payload_is_no_schedule(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "repository_dispatch")
    assert send({"action": "new-data"}, monkeypatch) == 2
    assert "client_payload is missing" in capsys.readouterr().err


def test_a_schedule_takes_the_newest_batch(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("incoming/1.csv", "incoming/2.csv", "incoming/notes.txt", "other/3.csv"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"a\n", Metadata={"md5": MD5})
    assert send({"schedule": "0 4 * * 1"}, monkeypatch) == 0
    assert outputs() == {"uri": f"s3://{BUCKET}/incoming/2.csv", "md5": MD5}


def test_a_schedule_without_any_batch_says_so(s3: Any, capsys) -> None:
    assert payload.main() == 2
    assert f"no .csv file under s3://{BUCKET}/incoming/" in capsys.readouterr().err


def fetched(uri: str, md5: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("BATCH_URI", uri)
    monkeypatch.setenv("BATCH_MD5", md5)
    return fetch.main()


def test_fetch_brings_the_announced_file(s3: Any, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"a,b\n1,2\n")
    md5 = hashlib.md5(b"a,b\n1,2\n").hexdigest()
    assert fetched(URI, md5, monkeypatch) == 0
    assert Path("data/new.csv").read_bytes() == b"a,b\n1,2\n"
    assert outputs() == {"md5": md5}
    assert "8 bytes, md5 " in (said := capsys.readouterr().out)
    assert "as announced" in said


def test_fetch_says_when_no_md5_was_announced(
    s3: Any, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"a\n")
    monkeypatch.setenv("BATCH_URI", URI)
    monkeypatch.delenv("BATCH_MD5", raising=False)
    assert fetch.main() == 0
    assert "nothing to check it with" in capsys.readouterr().out


@pytest.fixture
def refused_fetch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that fetches in vain, over the file of an earlier run."""

    def fetch_in_vain(uri: str = URI) -> None:
        Path("data").mkdir()
        Path("data/new.csv").write_text("old")
        assert fetched(uri, MD5, monkeypatch) == 2
        assert list(Path("data").iterdir()) == []

    return fetch_in_vain


def test_a_file_that_was_exchanged_leaves_nothing(
    s3: Any, refused_fetch: Callable[..., None], capsys
) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"exchanged\n")
    refused_fetch()
    assert f"{MD5} was announced" in capsys.readouterr().err


def test_an_address_of_another_form_is_refused(refused_fetch: Callable[..., None], capsys) -> None:
    refused_fetch("https://example.com/new.csv")
    assert "is not of the form s3://bucket/key.csv" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_not_downloaded(
    s3: Any, refused_fetch: Callable[..., None], capsys
) -> None:
    text = Path("retraining.yaml").read_text()
    Path("retraining.yaml").write_text(text.replace("max_bytes: 20_000_000", "max_bytes: 3"))
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"four")
    refused_fetch()
    assert "4 bytes, more than fetch.max_bytes, 3" in capsys.readouterr().err


class S3(BaseHTTPRequestHandler):
    """Says that it is busy as often as it was told to, then has the object.

    What it sends breaks off in the GET of that number.
    """

    content = b"a,b\n1,2\n"
    busy = 0
    status = 503
    breaks_off = 0
    asked: list[str]

    def do_GET(self) -> None:
        cls = type(self)
        cls.asked.append(self.command)
        cls.busy -= 1
        good = cls.busy < 0
        self.send_response(200 if good else cls.status)
        self.send_header("Content-Length", str(len(self.content)) if good else "0")
        self.send_header("ETag", '"1"')
        self.end_headers()
        if good and self.command == "GET":
            broken = cls.asked.count("GET") == cls.breaks_off
            self.wfile.write(self.content[:3] if broken else self.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[S3]]:
    """Return a server that may be told how often to fail, and does not keep anybody waiting."""
    handler = type("Flaky", (S3,), {"asked": [], "do_HEAD": S3.do_GET})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    with answering(HTTPServer(("127.0.0.1", 0), handler)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield handler


def test_a_failure_that_passes_is_waited_out(
    flaky: type[S3], monkeypatch: pytest.MonkeyPatch
) -> None:
    flaky.busy = 3
    assert fetched(URI, hashlib.md5(S3.content).hexdigest(), monkeypatch) == 0
    assert flaky.asked[:4] == ["GET"] * 4
    assert Path("data/new.csv").read_bytes() == S3.content


def test_a_file_that_breaks_off_is_fetched_again(
    flaky: type[S3], monkeypatch: pytest.MonkeyPatch
) -> None:
    flaky.breaks_off = 2
    assert fetched(URI, hashlib.md5(S3.content).hexdigest(), monkeypatch) == 0
    assert flaky.asked.count("GET") == 3
    assert Path("data/new.csv").read_bytes() == S3.content


@pytest.mark.parametrize(("status", "tries"), [(503, 4), (404, 1)])
def test_a_failure_that_stays_ends_after_four_tries_and_a_missing_file_at_once(
    flaky: type[S3], refused_fetch: Callable[..., None], capsys, status: int, tries: int
) -> None:
    flaky.busy, flaky.status = 9, status
    refused_fetch()
    assert flaky.asked == ["GET"] * tries
    assert f"{URI} could not be read: " in capsys.readouterr().err


def test_the_name_of_what_is_missing_is_said(
    s3: Any, refused_fetch: Callable[..., None], capsys
) -> None:
    refused_fetch()
    assert "(NoSuchKey)" in capsys.readouterr().err


def test_a_table_keeps_a_forged_command_inside_its_line() -> None:
    text = step.table(["found"], [["a\n::set-env name=X::y"]])
    assert text.splitlines() == ["found", "-" * 21, "a?::set-env name=X::y"]


@pytest.mark.parametrize("longer", [0, 1])
def test_a_table_cuts_off_what_is_too_long(longer: int) -> None:
    shown = step.table(["found"], [["a" * (step.WIDEST + longer)]]).splitlines()[-1]
    assert shown == ("a" * (step.WIDEST - 3) + "..." if longer else "a" * step.WIDEST)


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_is_set() -> None:
    with storage.reading(URI, {"timeout_seconds": 7, "tries": 1}) as s3:
        config = s3.meta.config
    assert (config.connect_timeout, config.read_timeout) == (7, 7)
