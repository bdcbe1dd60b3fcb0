import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws
from retraining import fetch, payload, step, storage

from conftest import ROOT

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
    return payload.main([])


def test_a_good_payload_becomes_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert send({"client_payload": GOOD}, monkeypatch) == 0
    assert outputs() == GOOD


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
    event: Any, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send(event, monkeypatch) == 2
    assert said in capsys.readouterr().err
    assert not Path("outputs").exists()


def test_a_dispatch_without_payload_is_no_schedule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_EVENT_NAME", "repository_dispatch")
    assert send({"action": "new-data"}, monkeypatch) == 2
    assert "client_payload is missing" in capsys.readouterr().err


def test_a_schedule_takes_the_newest_batch(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("incoming/1.csv", "incoming/2.csv", "incoming/notes.txt", "other/3.csv"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"a\n", Metadata={"md5": MD5})
    assert send({"schedule": "0 4 * * 1"}, monkeypatch) == 0
    assert outputs() == {"uri": f"s3://{BUCKET}/incoming/2.csv", "md5": MD5}


def test_a_schedule_without_any_batch_says_so(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert payload.main([]) == 2
    assert f"no .csv file under s3://{BUCKET}/incoming/" in capsys.readouterr().err


def test_fetch_brings_the_announced_file(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"a,b\n1,2\n")
    md5 = hashlib.md5(b"a,b\n1,2\n").hexdigest()
    assert fetch.main(["--uri", URI, "--md5", md5]) == 0
    assert Path("data/new.csv").read_bytes() == b"a,b\n1,2\n"
    assert outputs() == {"md5": md5}


def test_fetch_takes_the_batch_from_the_environment(
    s3: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"a\n")
    monkeypatch.setenv("BATCH_URI", URI)
    assert fetch.main([]) == 0
    assert "nothing to check it with" in capsys.readouterr().out


def refused_fetch(uri: str, md5: str = MD5) -> None:
    """Fetch in vain, over the file of an earlier run."""
    Path("data").mkdir()
    Path("data/new.csv").write_text("old")
    assert fetch.main(["--uri", uri, "--md5", md5]) == 2
    assert list(Path("data").iterdir()) == []


def test_a_file_that_was_exchanged_leaves_nothing(
    s3: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"exchanged\n")
    refused_fetch(URI)
    assert f"{MD5} was announced" in capsys.readouterr().err


def test_a_missing_file_is_not_tried_again(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    refused_fetch(URI)
    said = capsys.readouterr()
    assert f"{URI} could not be read: " in said.err
    assert "try" not in said.out


def test_an_address_of_another_form_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    refused_fetch("https://example.com/new.csv")
    assert "is not of the form s3://bucket/key.csv" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_not_downloaded(
    s3: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("retraining.yaml").read_text()
    Path("retraining.yaml").write_text(text.replace("max_bytes: 500_000_000", "max_bytes: 3"))
    s3.put_object(Bucket=BUCKET, Key="incoming/new.csv", Body=b"four")
    refused_fetch(URI)
    assert "4 bytes, more than fetch.max_bytes, 3" in capsys.readouterr().err


LIMITS = {"tries": 4, "first_wait_seconds": 0.5}


class Flaky:
    """Fails some times, then works."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")
        return "read"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(storage.time, "sleep", waited.append)
    return waited


def test_a_failure_that_passes_is_waited_out(waits: list[float]) -> None:
    assert storage.again(Flaky(3), URI, LIMITS) == "read"
    assert waits == [0.5, 1.0, 2.0]


def test_a_failure_that_stays_ends_after_four_tries(waits: list[float]) -> None:
    action = Flaky(9)
    with pytest.raises(step.Unusable, match=f"{URI} could not be read after 4 tries: Could not"):
        storage.again(action, URI, LIMITS)
    assert (action.calls, len(waits)) == (4, 3)


def test_a_table_keeps_a_forged_command_inside_its_line() -> None:
    text = step.table(["found"], [["a\n::set-env name=X::y"]])
    assert not any(line.startswith("::") for line in text.splitlines())
