"""Programs of labs: got before anything is masked, and a lab without its own is skipped."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, TINY, Mini
from mlops_lab.cluster import access
from mlops_lab.core.environment import NOWHERE
from mlops_lab.core.errors import Interrupted, LabError
from mlops_lab.core.waiting import LIMIT
from mlops_lab.lab import building, entry
from mlops_lab.lab.catalog import Spec

VERSIONS = {
    "go": "1.2.3",
    "components": {
        "actionlint": {"version": "v0.0.7", "package": "example.org/actionlint"},
        "nowhere": {"version": "1", "get": "apt-get install nowhere"},
    },
}
# Builds a program, unless it runs masked; notes that it did.
GO = f"""#!/bin/sh
if [ "$1" = version ]; then echo "go version $GOTOOLCHAIN linux/amd64"; exit; fi
if [ "$HTTPS_PROXY" = {NOWHERE} ]; then echo masked; exit 1; fi
echo built >>"$0.calls"
while [ "$1" != -o ]; do shift; done
cat >"$2" <<'END'
#!/bin/sh
test $# = 0 && echo it runs || exec python -m http.server --bind 127.0.0.1 "$1"
END
chmod +x "$2"
"""
CALL = """import subprocess
from mlops_lab.toolchain.programs import program
print(subprocess.check_output([program("actionlint")], text=True))
"""
BY_HAND = "from mlops_lab import Lab; Lab('01-one')"
BENCH = """
from mlops_lab.lab.catalog import select
from mlops_lab.runs import bench
for way in set(bench.WAYS) - {"lab run", "papermill, one after the other"}:
    del bench.WAYS[way]
bench.bench(select(None), 1)
"""


@pytest.fixture
def go(mini: Mini, tmp_path: Path) -> Path:
    """A mini checkout that knows two programs, and a Go that can build the one; its folder."""
    folder = mini.root / "kind-cluster"
    (folder / "build" / "actionlint").mkdir(parents=True)
    (folder / "versions.yaml").write_text(yaml.safe_dump(VERSIONS))
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(GO)
    program.chmod(0o755)
    return program


def call(mini: Mini, go: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the mini checkout with the Go first on PATH and an empty cache."""
    env = {"LAB_CACHE": str(go.parent / "cache"), "CI": "", **env}
    whole = mini.env(**env)
    whole["PATH"] = f"{go.parent}:{whole['PATH']}"
    done = [sys.executable, *command]
    return subprocess.run(
        done,
        cwd=mini.root,
        env=whole,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # as a terminal does
        timeout=LIMIT,
    )


def lab(mini: Mini, go: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return call(mini, go, "-m", "mlops_lab", *command, **env)


def labs(mini: Mini) -> list[dict]:
    return json.loads((mini.root / "build/report.json").read_text())["labs"]


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "mlops_lab", "run", "--no-book"),
        ("-m", "mlops_lab", "test", "--", "notebooks"),
        ("-m", "mlops_lab", "up", "01"),
        ("-c", BENCH),
        ("-c", BY_HAND),
    ],
    ids=["run", "test", "up", "bench", "by hand"],
)
def test_whatever_comes_first_builds_once_before_anything_is_masked(
    mini: Mini, go: Path, command: tuple[str, ...]
) -> None:
    mini.lab("01-one", CALL, programs=("actionlint",))
    done = call(mini, go, *command)
    assert done.returncode == 0, done.stdout
    if "up" in command:  # what is built is cached, and found there by who comes next
        assert lab(mini, go, "run", "--no-book").returncode == 0
        assert lab(mini, go, "down").returncode == 0
    assert go.with_name("go.calls").read_text() == "built\n"


def test_a_cell_calls_by_its_name_what_was_built(mini: Mini, go: Path) -> None:
    cell = "%%bash\nactionlint"
    mini.lab("01-one", cell, programs=("actionlint",))
    done = lab(mini, go, "run", "--no-book")
    assert done.returncode == 0, done.stdout


def test_only_the_entry_masks_a_process() -> None:
    found = {
        path.name
        for path in (ROOT / "scripts/mlops_lab").rglob("*.py")
        if re.search(r"\bmask\(\)", path.read_text())
    }
    assert found == {"entry.py"}


def test_a_lab_without_its_program_is_skipped_and_the_others_run(mini: Mini, go: Path) -> None:
    mini.lab("01-one", programs=("nowhere",))
    mini.lab("02-two", CALL, programs=("actionlint",))
    done = lab(mini, go, "run", "--no-book")
    assert done.returncode == 0, done.stdout
    why = "there is no nowhere; apt-get install nowhere"
    assert re.search(rf"^01-one +skipped: {why}$", done.stdout, re.M)  # while it runs
    assert f"\n01-one skipped: {why}\n" in done.stdout
    assert [(row["lab"], row["status"]) for row in labs(mini)] == [
        ("01-one", "skipped"),
        ("02-two", "passed"),
    ]
    assert labs(mini)[0]["reason"] == why
    assert "reason" not in labs(mini)[1]


def test_labs_that_need_no_build_run_meanwhile(mini: Mini, go: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    go.write_text(GO.replace("echo built", f"until [ -e {ran} ]; do :; done; echo built"))
    mini.lab("01-one", CALL, programs=("actionlint",))
    mini.lab("02-two", f"%%bash\ntouch {ran}")
    mini.lab("03-three", programs=("nowhere",))
    done = lab(mini, go, "run", "--no-book")
    assert done.returncode == 0, done.stdout
    assert "lab: building actionlint v0.0.7, once\n" in done.stdout
    assert done.stdout.index("02-two") < done.stdout.index("01: waiting for what is being built")
    assert [(row["lab"], row["status"]) for row in labs(mini)] == [
        ("01-one", "passed"),
        ("02-two", "passed"),
        ("03-three", "skipped"),
    ]
    assert go.with_name("go.calls").read_text() == "built\n"


def test_a_build_beside_labs_that_cannot_go_on_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(specs: object) -> None:
        raise LabError("the disk is full")

    monkeypatch.setattr(building, "obtain", full)
    monkeypatch.setattr(sys, "argv", ["build"])
    with pytest.raises(SystemExit, match=r"^lab: the disk is full$"):
        building.build()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("victim", ["run", "build"])
def test_a_build_beside_labs_that_is_killed(
    mini: Mini, go: Path, tmp_path: Path, victim: str
) -> None:
    begun, ran = tmp_path / "begun", tmp_path / "ran"
    go.write_text(GO.replace("echo built", f"echo $PPID >{begun}; while :; do :; done; echo"))
    mini.lab("01-one", CALL, programs=("actionlint",))
    kill = f"kill -9 $(cat {begun})" if victim == "build" else "kill -9 $(ps -o ppid= $PPID)"
    mini.lab("02-two", f"%%bash\nuntil [ -s {begun} ]; do :; done\n{kill}; touch {ran}")
    done = lab(mini, go, "run", "--no-book")
    assert mini.none_left()
    if victim == "build":
        assert done.returncode == 0, done.stdout
        assert "01-one skipped: the build broke off; see above" in done.stdout
        assert labs(mini)[1]["status"] == "passed"
    else:
        assert done.returncode == -signal.SIGKILL


def test_a_build_beside_labs_ends_with_ctrl_c(mini: Mini, go: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    go.write_text(GO.replace("echo built", f"echo >{begun}; while :; do :; done; echo"))
    mini.lab("01-one", CALL, programs=("actionlint",))
    # Its process group has the run and all that a terminal's Ctrl-C would reach.
    stop = f"until [ -e {begun} ]; do :; done; kill -INT -$(ps -o pgid= $(ps -o ppid= $PPID))"
    mini.lab("02-two", f"%%bash\n{stop}; sleep infinity")
    done = lab(mini, go, "run", "--no-book")
    assert done.returncode == 128 + signal.SIGINT
    assert done.stdout.endswith("lab: interrupted\n")
    assert "Traceback" not in done.stdout
    assert mini.none_left()


def test_the_programs_of_services_are_had_like_those_of_labs(mini: Mini, go: Path) -> None:
    built = {"from": "module", "name": "actionlint"}
    debian = {"from": "debian", "name": "nothing", "version": "no-such-program --version"}
    mini.services(
        {
            "linter": {**TINY, "program": built, "command": "actionlint {port}"},
            "nothing": {**TINY, "program": debian},
        }
    )
    mini.lab("01-one", "lab", services=("linter",))
    mini.lab("02-two", services=("nothing",))
    done = lab(mini, go, "run", "--no-book")
    assert done.returncode == 0, done.stdout
    assert go.with_name("go.calls").read_text() == "built\n"
    assert [row["status"] for row in labs(mini)] == ["passed", "skipped"]
    assert labs(mini)[1]["reason"] == "there is no no-such-program; apt-get install nothing"
    executed = (mini.root / "build/notebooks/01-one.ipynb").read_text()
    assert "linter (actionlint v0.0.7)" in executed


@pytest.mark.parametrize(("arguments", "ci"), [(("01", "02"), ""), ((), "true")])
def test_that_fails_if_it_was_named_or_in_ci(
    mini: Mini, go: Path, arguments: tuple[str, ...], ci: str
) -> None:
    mini.lab("01-one", programs=("nowhere",))
    mini.lab("02-two")
    done = lab(mini, go, "run", "--no-book", *arguments, CI=ci)
    assert done.returncode == 1, done.stdout
    assert [row["status"] for row in labs(mini)] == ["skipped", "passed"]


def test_a_build_that_fails_is_one_lab_s_matter_and_shows_its_log(mini: Mini, go: Path) -> None:
    mini.lab("01-one", programs=("actionlint",))
    mini.lab("02-two")
    done = lab(mini, go, "run", "--no-book", HTTPS_PROXY=NOWHERE)
    assert done.returncode == 0, done.stdout
    assert "01-one skipped: actionlint v0.0.7 does not build" in done.stdout
    assert "| masked" in done.stdout


@pytest.mark.parametrize("ci", ["", "true"])
def test_nbval_skips_it_with_the_reason_and_in_ci_fails_once(mini: Mini, go: Path, ci: str) -> None:
    mini.lab("01-one", "1", programs=("nowhere",))
    done = lab(mini, go, "test", "--", "-ra", "notebooks", CI=ci)
    assert "apt-get install nowhere" in done.stdout
    assert ("1 failed, 1 skipped" if ci else "2 skipped") in done.stdout
    assert done.returncode == bool(ci)


def test_who_interrupts_a_build_gets_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def build(name: str) -> Path:
        tried.append(name)
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(entry.programs, "at_hand", lambda name: None)
    monkeypatch.setattr(entry.programs, "program", build)
    with pytest.raises(Interrupted):
        entry.obtain([Spec("10-x", "X", programs=("prometheus", "promtool"))])
    assert tried == ["prometheus"]


@pytest.mark.parametrize("up", [True, False])
def test_a_cluster_gets_what_a_lab_brings(monkeypatch: pytest.MonkeyPatch, up: bool) -> None:
    given: list[object] = []
    monkeypatch.setattr(access, "available", lambda: up)
    monkeypatch.setattr(access, "offline", lambda: up)
    monkeypatch.setattr(access, "load", given.append)
    monkeypatch.setattr(entry, "_trouble", lambda name: given.append(name) or "")
    monkeypatch.setattr(entry, "source", lambda wanted: given.append(wanted.name))
    spec = Spec("12b-x", "X", prepare=("operator",), images=("prometheus",))
    assert entry.obtain([spec, Spec("10-y", "Y")]) == {}
    assert given == (["prometheus", "prometheus-operator", ("prometheus",)] if up else [])
