"""`lab up`, `status` and `down`."""

import json

from conftest import TINY, Mini


def test_up_keeps_services_that_labs_attach_to(mini: Mini) -> None:
    mini.lab("01-one", "print(lab.services['tiny'].pid)", services=("tiny",))
    up = mini.call("up", "01", COLUMNS="200")
    assert up.returncode == 0
    assert "http://127.0.0.1:" in up.stdout
    listing = mini.root / ".lab/up/01-one/services.json"
    (service,) = json.loads(listing.read_text())
    again = mini.call("up", "01")
    assert again.returncode == 0
    assert json.loads(listing.read_text()) == [service]
    status = mini.call("status", COLUMNS="200")
    assert service["url"] in status.stdout
    assert mini.call("down", "01").stdout == "01-one: stopped\n"
    assert mini.none_left()
    assert "nothing is up" in mini.call("status").stdout
    assert mini.call("down", "01").stdout == "01-one: was not up\n"


def test_up_tells_why_a_service_does_not_start(mini: Mini) -> None:
    mini.services({"tiny": {**TINY, "command": "python -c 'raise SystemExit(\"no luck\")'"}})
    mini.lab("01-one", services=("tiny",))
    done = mini.call("up", "01")
    assert done.returncode == 1
    assert "service tiny died before it was ready" in done.stdout
    assert "no luck" in done.stdout
    assert mini.none_left()


def test_up_of_a_lab_without_services(mini: Mini) -> None:
    mini.lab("01-one")
    assert "needs no services" in mini.call("up", "01").stdout
    assert mini.call("down").returncode == 0
