"""How labs/churn/delivery publishes: repository, manifest, model, and the calls behind them."""

import json
import os
import secrets
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from conftest import ROOT

DIGEST = f"registry.example.com/mlops/churn@sha256:{'0123456789abcdef' * 4}"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of a workflow that the tests may happen to run in; no proxy; our programs."""
    for name in [*os.environ]:
        if name.startswith(("GITHUB_", "GIT_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def delivery(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The modules, with labs/churn on the path for as long as the test takes."""
    monkeypatch.syspath_prepend(str(ROOT / "labs/churn"))
    from delivery import manifest, model, repository, shell

    yield SimpleNamespace(manifest=manifest, model=model, repository=repository, shell=shell)
    for name in [name for name in sys.modules if name.partition(".")[0] == "delivery"]:
        del sys.modules[name]


def git(folder: Path | str, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-C", str(folder)]
    return subprocess.check_output([*command, *arguments], text=True).strip()


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A bare repository with one commit on main."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "begin")
    (tmp_path / "begin/README").write_text("begin\n")
    git("begin", "add", "README")
    git("begin", "commit", "--quiet", "--message", "begin")
    git(tmp_path, "clone", "--quiet", "--bare", "begin", "server.git")
    return tmp_path / "server.git"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program on PATH that records its arguments and says what it is told to say."""

    def put(name: str, says: str = "", status: int = 0) -> Path:
        folder, record = tmp_path / "programs", tmp_path / f"{name}.calls"
        folder.mkdir(exist_ok=True)
        script = folder / name
        script.write_text(f"#!/bin/sh\necho \"$PWD: $*\" >>'{record}'\n{says}\nexit {status}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return record

    return put


# repository


def test_publishers_at_once_lose_nothing(delivery, server: Path, tmp_path: Path) -> None:
    names = [f"publisher-{number}" for number in range(3)]
    for name in names:
        delivery.repository.clone(str(server), tmp_path / name)
        (tmp_path / name / f"{name}.yaml").write_text(name)
    barrier = threading.Barrier(len(names))

    def publish(name: str) -> str:
        barrier.wait()
        return delivery.repository.publish(tmp_path / name, name, [f"{name}.yaml"])

    with ThreadPoolExecutor() as pool:
        commits = list(pool.map(publish, names))
    assert set(git(server, "ls-tree", "--name-only", "main").split()) == {
        "README", *(f"{name}.yaml" for name in names),
    }  # fmt: skip
    assert set(commits) <= set(git(server, "rev-list", "main").split())
    assert git(server, "rev-list", "--merges", "main") == ""


def test_what_publish_returns_is_the_commit_on_the_server(delivery, server, tmp_path) -> None:
    delivery.repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/a").write_text("a")
    assert delivery.repository.publish(tmp_path / "one", "a", ["a"]) == git(
        server, "rev-parse", "main"
    )


def test_who_waited_begins_where_the_one_before_left_off(
    delivery, server: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    for name in ("first", "second"):
        git(tmp_path, "clone", "--quiet", str(server), name)
    (tmp_path / "first/new").write_text("new\n")
    commit = delivery.repository.publish(tmp_path / "first", "Train", ["new"])
    monkeypatch.chdir(tmp_path / "second")
    delivery.repository.latest()
    assert git(".", "rev-parse", "HEAD") == commit
    assert capsys.readouterr().out.endswith(f"at {commit[:7]}\n")


def test_a_conflict_is_a_matter_for_people(delivery, server: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        delivery.repository.clone(str(server), tmp_path / name)
        (tmp_path / name / "README").write_text(name)
    first = delivery.repository.publish(tmp_path / "one", "one", ["README"])
    with pytest.raises(SystemExit, match="could not apply"):
        delivery.repository.publish(tmp_path / "two", "two", ["README"])
    assert git(server, "rev-parse", "main") == first


def test_only_a_lost_race_is_tried_again(delivery, server: Path, tmp_path: Path, capsys) -> None:
    delivery.repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/a").write_text("a")
    hook = server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no entry >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(SystemExit, match="no entry"):
        delivery.repository.publish(tmp_path / "one", "a", ["a"])
    assert "attempt" not in capsys.readouterr().out


def test_what_else_has_changed_does_not_stop_the_next_attempt(delivery, server, tmp_path) -> None:
    for name in ("one", "two"):
        delivery.repository.clone(str(server), tmp_path / name)
        (tmp_path / name / name).write_text(name)
    (tmp_path / "two/README").write_text("changed by some tool")
    for name in ("one", "two"):
        delivery.repository.publish(tmp_path / name, name, [name])
    assert git(server, "ls-tree", "--name-only", "main").split() == ["README", "one", "two"]
    assert (tmp_path / "two/README").read_text() == "changed by some tool"


def test_without_a_change_nothing_is_committed(delivery, server: Path, tmp_path: Path) -> None:
    delivery.repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/stray").write_text("not ours to commit")
    before = git(server, "rev-parse", "main")
    assert delivery.repository.publish(tmp_path / "one", "again", ["README"]) == before
    assert git(server, "rev-parse", "main") == before


def test_the_token_is_in_no_argument_and_no_file(
    delivery, server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = secrets.token_hex(20)
    for name in ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GIT_TOKEN", token)
    assert token not in " ".join(delivery.repository.credentials())
    delivery.repository.clone(str(server), tmp_path / "one")
    assert token not in (tmp_path / "one/.git/config").read_text()
    # GitHub's git server takes no Bearer: https://github.com/fluxcd/source-controller/pull/1091
    kind, _, value = os.environ["GIT_CONFIG_VALUE_0"].removeprefix("Authorization: ").partition(" ")
    assert kind == "Basic"
    assert b64decode(value).decode() == f"x-access-token:{token}"


# manifest


@pytest.mark.parametrize(
    "image",
    ["mlops/churn:latest", "mlops/churn", DIGEST[:-1], f"{DIGEST}0", DIGEST.upper(), f"a {DIGEST}"],
)
def test_the_manifest_takes_nothing_but_a_digest(delivery, tmp_path, program, image) -> None:
    calls = program("kustomize")
    with pytest.raises(SystemExit, match="no reference by digest"):
        delivery.manifest.write(tmp_path, image)
    assert not calls.exists()


def test_kustomize_edits_the_one_image_of_the_overlay(delivery, tmp_path: Path, program) -> None:
    calls = program("kustomize")
    (tmp_path / "overlays/dev").mkdir(parents=True)
    delivery.manifest.write(tmp_path, DIGEST)
    assert calls.read_text() == f"{tmp_path}/overlays/dev: edit set image churn={DIGEST}\n"


def test_the_manifest_goes_from_the_clone_to_the_server(
    delivery, server: Path, tmp_path: Path, program, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "begin/overlays/dev").mkdir(parents=True)
    (tmp_path / "begin/overlays/dev/kustomization.yaml").write_text("images: []\n")
    git("begin", "add", ".")
    git("begin", "commit", "--quiet", "--message", "overlay")
    git("begin", "push", "--quiet", str(server), "main")
    program("kustomize", says='echo "image: $5" >kustomization.yaml; echo stray >../stray')
    monkeypatch.setenv("CONFIG_REPOSITORY", str(server))
    monkeypatch.setenv("IMAGE", DIGEST)
    monkeypatch.setenv("GITHUB_SHA", "f" * 40)
    monkeypatch.setenv("REVISION", "0123456789abcdef")
    for command in ("write", "publish"):
        monkeypatch.setattr(sys, "argv", ["manifest", command])
        delivery.manifest.main(tmp_path / "config")
    assert f"commit: {git(server, 'rev-parse', 'main')}" in capsys.readouterr().out
    assert git(server, "log", "-1", "--format=%s", "main") == "dev: churn from 0123456789ab"
    assert git(server, "show", "--name-only", "--format=", "main") == (
        "overlays/dev/kustomization.yaml"
    )


# model

LOCK = {"stages": {"train": {"outs": [
    {"path": "models/model.json", "md5": "1" * 32}, {"path": "models/model.skops", "md5": "2" * 32},
]}}}  # fmt: skip


def test_push_refuses_without_a_lock_file(delivery, program) -> None:
    calls = program("dvc")
    with pytest.raises(SystemExit, match=r"no dvc\.lock"):
        delivery.model.push()
    assert not calls.exists()


@pytest.mark.parametrize("missing", [{}, {"models/model.skops": "new"}], ids=["all", "lacks"])
def test_push_asks_the_remote_whether_it_has_everything(
    delivery, program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing, capsys
) -> None:
    monkeypatch.setenv("BUCKET", "churn-data")
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(LOCK))
    calls = program("dvc", says=f"test $1 = status && echo '{json.dumps(missing)}'")
    if missing:
        with pytest.raises(SystemExit, match=r"the remote lacks: models/model\.skops"):
            delivery.model.push()
    else:
        delivery.model.push()
        assert f"model: {'2' * 32}" in capsys.readouterr().out
    asked = [line.split(": ")[1] for line in calls.read_text().splitlines()]
    assert asked[1:] == ["push", "status --cloud --json"]
    assert asked[0].endswith("s3://churn-data/dvc")


def test_record_commits_the_lock_file_and_asks_for_no_run(
    delivery, server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery.repository.clone(str(server), tmp_path / "one")
    monkeypatch.chdir(tmp_path / "one")
    monkeypatch.setenv("GITHUB_EVENT_NAME", "schedule")
    for name in ("dvc.lock", "metrics.json", "other"):
        Path(name).write_text(name)
    delivery.model.record()
    assert git(server, "log", "-1", "--format=%s", "main") == "Train on schedule [skip ci]"
    assert git(server, "show", "--name-only", "--format=", "main").split() == [
        "dvc.lock", "metrics.json",
    ]  # fmt: skip


# shell


def test_a_failed_command_ends_the_step_with_what_it_said(delivery) -> None:
    script = "import sys; sys.exit('it went wrong')"
    with pytest.raises(SystemExit, match="failed: it went wrong"):
        delivery.shell.call(sys.executable, "-c", script, "an", "argument")


def test_a_variable_that_is_not_set_is_named(delivery) -> None:
    with pytest.raises(SystemExit, match="GITHUB_SHA is not set"):
        delivery.shell.need("GITHUB_SHA")


def test_an_output_goes_to_later_steps_and_to_the_log(
    delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    delivery.shell.output("image", DIGEST)
    delivery.shell.output("commit", "abc")
    assert (tmp_path / "output").read_text() == f"image={DIGEST}\ncommit=abc\n"
    assert capsys.readouterr().out == f"image: {DIGEST}\ncommit: abc\n"


def test_an_output_of_two_lines_is_refused(
    delivery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its second line would be an output of its own."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with pytest.raises(ValueError, match="one line"):
        delivery.shell.output("commit", "abc\nimage=evil")
    assert not (tmp_path / "output").exists()
