"""`lab run`: what it writes, and how it fails."""

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

import conftest
from conftest import TINY, Mini
from mlops_lab.core.waiting import LIMIT
from mlops_lab.lab.catalog import Spec
from mlops_lab.runs.job import Job
from mlops_lab.runs.scheduler import turn

LONG = "%%bash\nfor i in $(seq 100); do echo $i; sleep 0.2; done"


def report(mini: Mini) -> dict:
    return json.loads((mini.root / "build/report.json").read_text())


def run(mini: Mini, *labs: str, **env: str):
    return mini.call("run", "--no-book", *labs, **env)


def wait_for_a_lab(process) -> None:
    """Return when the first lab is under way."""
    assert next(line for line in process.stdout if line.startswith("01-"))


def test_a_run_executes_the_labs_of_these_numbers_and_reports_it(mini: Mini) -> None:
    mini.lab("01-one", "print(1 + 1)", services=("tiny",))
    mini.lab("02-two", "%%bash\npwd | grep -q 02-two")
    mini.lab("03-three", "raise SystemExit('not asked for')")
    before = mini.committed()
    done = run(mini, "01", "02")
    assert done.returncode == 0, done.stdout
    row = report(mini)["labs"][0]
    assert row["lab"] == "01-one"
    assert row["status"] == "passed"
    assert row["cells_run"] == 2
    assert row["cells_skipped"] == 0
    assert 0 < row["seconds_outside_cells"] < row["seconds"]
    assert row["peak_memory_bytes"] > 10 * 2**20
    assert report(mini)["profile"] == "local"
    assert report(mini)["versions"]["mlflow"]
    assert "2 of 2 labs passed" in done.stdout
    executed = json.loads((mini.root / "build/notebooks/01-one.ipynb").read_text())
    assert "2" in executed["cells"][2]["outputs"][0]["text"][0]
    assert mini.none_left()
    assert mini.committed() == before


def cluster_cell(path: Path) -> dict[str, object]:
    """Tag the first cell after the lab's as one of the cluster, and return its recorded output."""
    notebook = json.loads(path.read_text())
    recorded = {"output_type": "stream", "name": "stdout", "text": ["from the cluster\n"]}
    notebook["cells"][2] |= {"metadata": {"tags": ["cluster"]}, "outputs": [recorded]}
    path.write_text(json.dumps(notebook))
    return recorded


def test_a_failing_lab_does_not_stop_the_others(mini: Mini) -> None:
    mini.lab("01-bad", "print('fine')", "%%bash\necho to the log >&2\nfalse", services=("tiny",))
    mini.lab("02-early", "%%bash\nfalse\necho still here")
    mini.lab("03-killed", "import os\nos.kill(os.getpid(), 9)")
    recorded = cluster_cell(mini.lab("04-good", "raise SystemExit('not here')", "print('after')"))
    old = mini.root / ".lab/logs/01-bad.other.log"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_text("of yesterday")
    os.utime(old, (0, 0))
    done = run(mini)
    assert done.returncode == 1
    rows = {row["lab"]: row for row in report(mini)["labs"]}
    assert [row["status"] for row in rows.values()] == ["failed", "failed", "failed", "passed"]
    assert "of yesterday" not in done.stdout
    assert "01-bad, cell step-2" in done.stdout
    assert "CalledProcessError" in rows["01-bad"]["error"]
    assert "last lines of run.tiny.log" in done.stdout
    assert "run it again: ./lab run 01-bad\n" in done.stdout
    assert "CalledProcessError" in rows["02-early"]["error"]
    assert "the kernel died" in rows["03-killed"]["error"]
    good = rows["04-good"]
    assert (good["cells_run"], good["cells_skipped"]) == (2, 1)
    executed = json.loads((mini.root / "build/notebooks/04-good.ipynb").read_text())
    assert executed["cells"][2]["outputs"] == [recorded]


def job(stem: str, seconds: float, needs: tuple[str, ...] = (), **more: Any) -> Job:
    spec = Spec(stem, stem, stamp={"seconds": seconds}, profiles=("local", *more.pop("also", ())))
    return Job(spec, {}, stem, needs, **more)


def test_the_longest_lab_is_first_and_of_unknown_ones_who_waits_least() -> None:
    jobs = [
        job("new, two services", 0, ("aws", "mlflow")),
        job("new", 0),
        job("no cluster here", 300, ("aws",), also=("host",)),
        job("short", 20),
        job("long", 200, ("aws", "mlflow"), also=("host",), cluster=True),
    ]
    order = ["long", "short", "new", "no cluster here", "new, two services"]
    assert [one.spec.stem for one in sorted(jobs, key=turn)] == order


def test_a_second_run_in_the_checkout_says_who_holds_it(mini: Mini) -> None:
    mini.lab("01-one", LONG)
    with mini.start("run", "--no-book") as first:
        wait_for_a_lab(first)
        second = run(mini)
        first.terminate()
        first.communicate(timeout=LIMIT)
    assert second.returncode == 75
    assert f"process {first.pid}" in second.stdout


def test_an_unknown_lab_gets_the_nearest_names(mini: Mini) -> None:
    mini.lab("02-dvc-s3")
    mini.lab("03-mlflow")
    done = run(mini, "02-dcv")
    assert done.returncode == 2
    assert "no such lab: 02-dcv; did you mean 02-dvc-s3" in done.stdout


def test_changed_runs_only_what_changed(mini: Mini) -> None:
    mini.lab("01-one", "print(1)")
    mini.lab("02-two", "print(2)")
    assert run(mini).returncode == 0
    mini.lab("02-two", "print(3)")
    assert run(mini, "--changed").returncode == 0
    assert [lab["status"] for lab in report(mini)["labs"]] == ["skipped", "passed"]


@pytest.mark.parametrize(
    ("services", "spoil", "said"),
    [
        (("tinny",), Path.exists, "no such service: tinny; did you mean tiny"),
        ((), Path.unlink, "01-one.ipynb is in _toc.yml, but not in notebooks/"),
        ((), lambda path: path.write_text('{"cells": []}'), "01-one.ipynb is not a lab's notebook"),
    ],
    ids=["an unlisted service", "a missing notebook", "a broken notebook"],
)
def test_what_is_wrong_with_a_lab_is_named(mini: Mini, services, spoil, said: str) -> None:
    spoil(mini.lab("01-one", services=services))
    done = run(mini)
    assert done.returncode == 1
    assert said in done.stdout


TAKEN = (
    "import socket; one = socket.create_server(('127.0.0.1', {port})); "
    "socket.socket().bind(('127.0.0.1', {port}))"
)
# What is wrong with a service, and what is said of it.
TROUBLE = {
    "dies": ({"command": "python -c 'print(\"no luck\"); raise SystemExit(3)'"}, "died.*no luck"),
    "silent": (
        {"ready": "/not-there", "timeout": 5},
        "was not ready within 5 s; GET /not-there got status 404",
    ),
    "absent": ({"command": "no-such-program {port}"}, "cannot start"),
    "taken": ({"command": f'python -c "{TAKEN}"'}, "died.*Address already in use"),
}


def test_a_service_in_trouble_is_named(mini: Mini) -> None:
    mini.services({name: {**TINY, **change} for name, (change, _) in TROUBLE.items()})
    for number, name in enumerate(TROUBLE, start=1):
        mini.lab(f"{number:02}-{name}", services=(name,))
    assert run(mini).returncode == 1
    told = {one["service"]: one["why"] for one in report(mini)["services"]}
    assert set(told) == set(TROUBLE)
    for name, (_, says) in TROUBLE.items():
        assert re.search(f"service {name} .*{says}", told[name], re.DOTALL), told[name]
    assert mini.none_left()


def test_a_service_that_lacks_a_value_stops_the_run_before_it_begins(mini: Mini) -> None:
    mini.services({"tiny": {**TINY, "command": "python -m http.server {other}"}})
    mini.lab("01-one", services=("tiny",))
    done = run(mini)
    assert done.returncode == 1
    assert "service tiny needs other=" in done.stdout
    assert mini.none_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_and_cleans_up(mini: Mini, number: signal.Signals) -> None:
    mini.lab("01-long", LONG, services=("tiny",))
    with mini.start("run", "--no-book") as process:
        wait_for_a_lab(process)
        process.send_signal(number)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + number
    assert mini.none_left()


BROKEN = """
from mlops_lab.lab.catalog import select
from mlops_lab.runs.scheduler import run_labs
with run_labs(select(None), 1, lambda run: 1 / 0):
    pass
"""


def test_a_run_that_breaks_off_before_its_kernels_run_ends(mini: Mini) -> None:
    mini.lab("01-one", services=("tiny",))
    mini.lab("02-two", services=("tiny",))
    done = conftest.run(sys.executable, "-c", BROKEN, env=mini.env(), status=1)
    assert "ZeroDivisionError" in done.stderr
    assert mini.none_left()


def test_record_keeps_a_notebook_that_only_a_sanitizer_tells_apart(mini: Mini) -> None:
    (mini.root / "tests/sanitizers.cfg").write_text(
        "[clock]\nregex: at \\d+\\.\\d+\nreplace: at TIME\n"
    )
    clock, path = "import time; print('at', time.time())", mini.root / "notebooks/01-one.ipynb"
    mini.lab("01-one", clock, "print('same')")
    assert "recorded notebooks/01-one" in mini.call("record").stdout
    first = json.loads(path.read_text())
    assert "unchanged notebooks/01-one" in mini.call("record").stdout
    assert json.loads(path.read_text()) == first
    # One output has changed: now all are of the new run.
    changed = json.loads(path.read_text())
    changed["cells"][3]["outputs"][0]["text"] = ["another\n"]
    path.write_text(json.dumps(changed))
    assert "recorded notebooks/01-one" in mini.call("record").stdout
    again = json.loads(path.read_text())
    assert again["cells"][3] == first["cells"][3]
    assert again["cells"][2]["outputs"] != first["cells"][2]["outputs"]
    assert set(first["cells"][2]["metadata"]) == set()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", first["metadata"]["lab"]["stamp"]["date"])


def test_record_refuses_an_output_with_a_folder_of_this_machine(mini: Mini) -> None:
    path = mini.lab("01-one", "print(lab.folder)")
    before = path.read_bytes()
    done = mini.call("record")
    assert done.returncode == 1
    assert "01-one, cell step-1: the output shows" in done.stdout
    assert path.read_bytes() == before
