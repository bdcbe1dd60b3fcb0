"""`kill -9` of anything at any moment: nothing is left, nothing is damaged, the next call works."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conftest import TINY, Mini
from mlops_lab.waiting import LIMIT, until

TIMES = 20
BUSY = "%%bash\nfor i in $(seq 30); do (sleep 0.1); done"


def prepared(mini: Mini) -> Mini:
    mini.services({"tiny": TINY, "small": TINY})
    mini.lab("01-long", BUSY, services=("tiny", "small"))
    mini.lab("02-own", "server = lab.start('tiny')", BUSY)
    return mini


def victims(mini: Mini, kind: str) -> list[psutil.Process]:
    sign = {"kernel": "ipykernel_launcher", "service": "http.server"}[kind]
    found = []
    for process in mini.processes():
        with contextlib.suppress(psutil.Error):
            if sign in process.cmdline():
                found.append(process)
    return found


def wait_for(mini: Mini, kind: str) -> list[psutil.Process]:
    """Return the first victims there are."""
    found: list[psutil.Process] = []
    until(f"a {kind}", lambda: bool(found.extend(victims(mini, kind)) or found))
    return found


def test_kill_of_the_run_at_random_moments(mini: Mini) -> None:
    prepared(mini)
    before, chance = mini.committed(), random.Random(1)
    for _ in range(TIMES):
        moment = threading.Event()
        with mini.start("run", "--no-book") as process:
            moment.wait(chance.uniform(0.05, 3.0))
            process.kill()
            process.communicate()
        assert mini.none_left()
        assert mini.committed() == before
    assert finishes(mini)


@pytest.mark.parametrize("kind", ["kernel", "service"])
def test_kill_of_a_part_at_random_moments(mini: Mini, kind: str) -> None:
    prepared(mini)
    before, chance = mini.committed(), random.Random(2)
    for _ in range(TIMES):
        with mini.start("run", "--no-book") as process:
            found = wait_for(mini, kind)
            threading.Event().wait(chance.uniform(0, 1.0))
            with contextlib.suppress(psutil.NoSuchProcess):
                chance.choice(found).kill()
            output, _ = process.communicate(timeout=LIMIT)
        assert process.returncode in (0, 1), output
        if kind == "kernel":
            assert process.returncode == 1
            assert "the kernel died" in output
        assert mini.none_left(), output
        assert mini.committed() == before
    assert finishes(mini)


def finishes(mini: Mini) -> bool:
    """Whether the next call works."""
    done = mini.call("run", "--no-book", "02-own")
    assert done.returncode == 0, done.stdout
    return mini.none_left()


def test_kill_of_a_person_s_kernel_takes_its_services_along(mini: Mini) -> None:
    """As in JupyterLab without `lab up`: the kernel itself is what keeps the services."""
    mini.lab("01-one", services=("tiny",))
    code = "from mlops_lab import Lab; lab = Lab('01-one'); print('up', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=mini.env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as kernel:
        assert kernel.stdout
        assert kernel.stdout.readline() == "up\n"
        assert victims(mini, "service")
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
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
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
