"""`kill -9` of anything at any moment: nothing is left, nothing is damaged, the next call works.

The moments are random, but there is one in each of as many equal parts of the victim's life as
there are kills: none of its phases is left out, on a quick machine or a slow one. It has about
five: it starts, its services start, its kernels start, cells run, it ends.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conftest import SMALL_DISK, TINY, Mini, Started

TIMES = 10
BUSY = "%%bash\nfor i in $(seq 10); do (sleep 0.1); done"
# Ends only by a kill: whatever the moment, the kernel is there to be killed.
ENDLESS = "%%bash\nwhile true; do (sleep 0.1); done"
ASK = "import urllib.request\nfor s in lab.services.values(): urllib.request.urlopen(s.url).read()"
SIGNS = {"kernel": "ipykernel_launcher", "service": "http.server"}


def moments(seed: int, span: float) -> list[float]:
    """A random moment in each of so many equal parts of a span, in random order."""
    chance = random.Random(seed)
    found = [(part + chance.random()) * span / TIMES for part in range(TIMES)]
    chance.shuffle(found)
    return found


def victims(parent: psutil.Process, kind: str) -> list[psutil.Process]:
    """The processes of that kind which this one started, the oldest first."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in parent.children():
            with contextlib.suppress(psutil.Error):
                if SIGNS[kind] in child.cmdline():
                    found.append((child.create_time(), child))
    return [child for _, child in sorted(found, key=lambda pair: pair[0])]


def kill_later(victim: psutil.Process, moment: float) -> threading.Timer:
    """Kill a process after so many seconds; it may have ended by then."""

    def kill() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()

    timer = threading.Timer(moment, kill)
    timer.start()
    return timer


def left_of(mini: Mini, stem: str) -> list[psutil.Process]:
    """The processes of a lab of a run: its kernel and whatever that started."""
    found = []
    for process in mini.processes():
        with contextlib.suppress(psutil.Error):
            owners = process.environ().get("LAB_OWNERS", "").split(":")
            if any(owner.endswith(f"/{stem}") for owner in owners):
                found.append(process)
    return found


def finishes(mini: Mini) -> float:
    """Whether a run works: the seconds that it took."""
    began = time.monotonic()
    done = mini.call("run", "--no-book", "01", "02")
    assert done.returncode == 0, done.stdout
    assert mini.none_left()
    return time.monotonic() - began


def rows(mini: Mini) -> list[dict]:
    return json.loads((mini.root / "build/report.json").read_text())["labs"]


def test_kill_of_the_run_at_random_moments(mini: Mini) -> None:
    mini.services({"tiny": TINY, "small": TINY})
    mini.lab("01-long", BUSY, services=("tiny", "small"))
    mini.lab("02-own", "server = lab.start('tiny')", BUSY)
    span, before = finishes(mini), mini.committed()
    for moment in moments(1, span):
        with mini.start("run", "--no-book") as process:
            threading.Event().wait(moment)
            process.kill()
            process.communicate()
        assert mini.none_left()
        assert mini.committed() == before
    finishes(mini)


def test_kill_of_kernels_at_random_moments(mini: Mini) -> None:
    """One run, each of whose kernels is killed: it goes on with the next lab."""
    mini.services({"tiny": TINY, "small": TINY})
    mini.lab("01-whole", "server = lab.start('tiny')", services=("small",))
    mini.lab("02-own", BUSY)
    finishes(mini)
    span = max(row["seconds"] for row in rows(mini))
    labs = [f"{number}-lab" for number in range(10, 10 + TIMES)]
    for stem in labs:
        mini.lab(stem, "server = lab.start('tiny')", ENDLESS, services=("small",))
    before, when, swept = mini.committed(), moments(2, span), []
    with mini.start("run", "--no-book", *labs) as process:
        assassin = threading.Thread(target=kill_each_kernel, args=(mini, process.pid, when))
        assassin.start()
        assert process.stdout
        output = ""
        for line in process.stdout:
            output += line
            if line.rstrip().endswith(" failed") and line.split()[0] in labs:
                swept.append(line.split()[0])
                assert left_of(mini, swept[-1]) == []
        assassin.join()
    assert process.returncode == 1, output
    assert set(swept) == set(labs)
    assert [row["status"] for row in rows(mini)] == ["failed"] * TIMES
    assert all("the kernel died" in row["error"] for row in rows(mini)), rows(mini)
    assert mini.none_left(), output
    assert mini.committed() == before
    finishes(mini)


def kill_each_kernel(mini: Mini, run: int, when: list[float]) -> None:
    """Kill every kernel of a run, each so many seconds after it was started."""
    parent, seen, timers = psutil.Process(run), set(), []
    while len(timers) < len(when) and parent.is_running():
        # A kernel's log is opened just before it starts: to look for it is cheaper.
        if len(list((mini.root / ".lab/logs").glob("??-lab.kernel.log"))) > len(timers):
            for kernel in victims(parent, "kernel"):
                if kernel.pid not in seen:
                    seen.add(kernel.pid)
                    timers.append(kill_later(kernel, when[len(timers)]))
        time.sleep(0.01)
    for timer in timers:
        timer.join()


def test_kill_of_services_at_random_moments(mini: Mini) -> None:
    """One run, each of whose services is killed: as it starts, or as the run comes along."""
    names = [f"tiny{number}" for number in range(TIMES)]
    mini.services(dict.fromkeys(names, TINY))
    stems = [f"{number:02}-lab" for number in range(1, 1 + TIMES // 2)]
    for stem, pair in zip(stems, zip(names[::2], names[1::2], strict=True), strict=True):
        mini.lab(stem, ASK, services=pair)
    before, chance = mini.committed(), random.Random(3)
    with mini.start("run", "--no-book") as process:
        parent, targets = psutil.Process(process.pid), []
        while len(targets) < TIMES and process.poll() is None:
            time.sleep(0.05)
            targets = victims(parent, "service")
        assert len(targets) == TIMES
        chance.shuffle(targets)
        # A few before the first lab is under way, one or more at each of its signs of life.
        timers = [kill_later(targets.pop(), chance.random()) for _ in range(TIMES // 4)]
        assert process.stdout
        output = ""
        for line in process.stdout:
            output += line
            if line.split()[:1] and line.split()[0] in stems and targets:
                timers.append(kill_later(targets.pop(), chance.random()))
        for timer in timers:
            timer.join()
    assert process.returncode in (0, 1), output
    assert targets == []
    assert [row["lab"] for row in rows(mini)] == stems
    failed = [row for row in rows(mini) if row["status"] == "failed"]
    assert process.returncode == bool(failed), output
    assert bool(failed) <= ("died" in output), output
    assert mini.none_left(), output
    assert mini.committed() == before
    finishes(mini)


def test_kill_of_a_person_s_kernel_takes_its_services_along(mini: Mini) -> None:
    """As in JupyterLab without `lab up`: the kernel itself is what keeps the services."""
    mini.lab("01-one", services=("tiny",))
    code = "from mlops_lab import Lab; lab = Lab('01-one'); print('up', flush=True); input()"
    with Started(
        [sys.executable, "-c", code],
        env=mini.env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as kernel:
        assert kernel.stdout
        assert kernel.stdout.readline() == "up\n"
        assert victims(psutil.Process(kernel.pid), "service")
        kernel.kill()
    assert mini.none_left()


def test_kill_of_the_keeper_of_lab_up(mini: Mini) -> None:
    mini.lab("01-one", services=("tiny",))
    assert mini.call("up", "01").returncode == 0
    keeper = json.loads((mini.root / ".lab/up/01-one.lock").read_text())["pid"]
    os.kill(keeper, signal.SIGKILL)
    assert mini.none_left()
    assert "nothing is up" in mini.call("status").stdout
    assert mini.call("up", "01").returncode == 0
    assert mini.call("down").stdout == "01-one: stopped\n"
    assert mini.none_left()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB. Mounting it takes root, which CI has."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", SMALL_DISK, str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_in_one_line(small_disk: Path) -> None:
    mini = Mini(small_disk / "checkout")
    mini.lab("01-one", "print(1)", services=("tiny",))
    (small_disk / "filler").write_bytes(b"0" * (2 * 2**20 - 40 * 2**10))
    with contextlib.suppress(OSError), (small_disk / "more").open("wb") as file:
        while True:
            file.write(b"0" * 512)
            file.flush()
    done = mini.call("run", "--no-book")
    assert done.returncode == 1
    assert "No space left on device" in done.stdout
    assert "Traceback" not in done.stdout
    assert mini.none_left()
    (small_disk / "filler").unlink()
    assert mini.call("run", "--no-book").returncode == 0
