"""`lab up`, `status` and `down`."""

import json
import signal
import sys

from conftest import TINY, Mini, run
from mlops_lab.core import locks
from mlops_lab.core.waiting import LIMIT, until


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


def test_what_is_on_its_way_is_told_as_such(mini: Mini) -> None:
    """Its lock is held, and its listing is not there yet, or not any more."""
    mini.lab("01-one")
    (mini.root / ".lab/up").mkdir(parents=True)
    with locks.held(mini.root / ".lab/up/01-one.lock", "lab up 01-one"):
        assert mini.call("status").stdout == "01-one: on its way up or down\n"


def test_a_signal_while_it_comes_up_leaves_nothing(mini: Mini) -> None:
    """The keeper waits for ever; the command gets the signal once it is there."""
    mini.services({"tiny": {**TINY, "ready": "/never"}})
    mini.lab("01-one", services=("tiny",))
    with mini.start("up", "01") as process:
        until("the keeper", (mini.root / ".lab/up/01-one/services.json").exists)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=LIMIT)
    assert (process.returncode, output) == (128 + signal.SIGINT, "lab: interrupted\n")
    assert mini.none_left()


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


LIVE = {**TINY, "shared": False, "exports": {"TINY_URL": "http://127.0.0.1:{port}"}}
PAGE = "url = f'{lab.services[\"tiny\"].url}/page'"


def test_up_shows_a_page_that_the_labs_cells_make(mini: Mini) -> None:
    mini.services({"tiny": LIVE})
    told = "%%bash\ncurl -sS $TINY_URL > told"
    mini.lab("01-one", "lab.start('tiny')", told, PAGE, "raise SystemExit", page="step-3")
    up = mini.call("up", "01", COLUMNS="200")
    assert up.returncode == 0
    listing = mini.root / ".lab/up/01-one/services.json"
    (service,) = json.loads(listing.read_text())
    assert f"open {service['url']}/page" in up.stdout
    assert (mini.root / ".lab/work/01-one/told").read_text()
    assert f"open {service['url']}/page" in mini.call("status", COLUMNS="200").stdout
    assert mini.call("down", "01").stdout == "01-one: stopped\n"
    assert mini.none_left()
    assert not (mini.root / ".lab/work/01-one").exists()


def test_up_tells_which_cell_before_the_page_failed(mini: Mini) -> None:
    mini.services({"tiny": LIVE})
    mini.lab("01-one", "lab.start('tiny')", "assert 1 == 2, 'no luck'", PAGE, page="step-3")
    up = mini.call("up", "01")
    assert up.returncode == 1
    assert "no luck" in up.stdout
    assert mini.none_left()


def test_opening_a_lab_leaves_its_page_to_the_reader(mini: Mini) -> None:
    mini.lab("01-one", "raise SystemExit", PAGE, page="step-2")
    opens = """
from mlops_lab.lab.catalog import read
from mlops_lab.upkeep import background
background.up(read("01-one"))
background.down("01-one")
"""
    run(sys.executable, "-c", opens, cwd=mini.root, env=mini.env())
    assert mini.none_left()


def test_a_page_is_a_cell_of_the_lab(mini: Mini) -> None:
    mini.lab("01-one", page="steps-1")
    assert "lab.page: no cell steps-1" in mini.call("up", "01").stdout
