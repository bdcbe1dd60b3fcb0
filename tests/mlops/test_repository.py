"""How commits reach a branch that others push to as well: labs/mlops/delivery/repository.py."""

import os
import secrets
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from delivery import repository

from mlops.conftest import git


def test_publishers_at_once_lose_nothing(server: Path, tmp_path: Path) -> None:
    names = [f"publisher-{number}" for number in range(3)]
    for name in names:
        repository.clone(str(server), tmp_path / name)
        (tmp_path / name / f"{name}.yaml").write_text(name)
    barrier = threading.Barrier(len(names))

    def publish(name: str) -> str:
        barrier.wait()
        return repository.publish(tmp_path / name, name, [f"{name}.yaml"])

    with ThreadPoolExecutor() as pool:
        commits = list(pool.map(publish, names))
    assert set(git(server, "ls-tree", "--name-only", "main").split()) == {
        "README", *(f"{name}.yaml" for name in names),
    }  # fmt: skip
    assert set(commits) <= set(git(server, "rev-list", "main").split())
    assert git(server, "rev-list", "--merges", "main") == ""


@pytest.mark.parametrize("name", ["a", "--dry-run"])
def test_what_publish_returns_is_the_commit_on_the_server(server, tmp_path, name: str) -> None:
    repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one" / name).write_text("a")
    commit = repository.publish(tmp_path / "one", "a", [name])
    assert git(server, "log", "-1", "--format=%H %an <%ae> %s", "main") == (
        f"{commit} churn-bot <churn-bot@localhost> a"
    )
    assert git(server, "show", f"main:{name}") == "a"


def test_what_is_built_after_a_lost_race_is_what_was_tested(server: Path, tmp_path: Path) -> None:
    commits = []
    for name in ("one", "two"):
        repository.clone(str(server), tmp_path / name)
        (tmp_path / name / name).write_text(name)
        assert repository.commit(tmp_path / name, name, [name])
        commits.append(git(tmp_path / name, "rev-parse", "HEAD"))
    (tmp_path / "two/stray").write_text("no part of any commit")
    for name in ("one", "two"):
        repository.join(tmp_path / name)
        assert git(tmp_path / name, "rev-parse", "HEAD") == commits.pop(0)
        parents = git(server, "rev-list", "--parents", "-1", "main").split()
    assert {path.name for path in (tmp_path / "two").iterdir()} == {
        ".git", "README", "stray", "two",
    }  # fmt: skip
    assert parents[1:] == [git("two", "rev-parse", "HEAD"), git("one", "rev-parse", "HEAD")]
    assert git(server, "ls-tree", "--name-only", "main").split() == ["README", "one", "two"]
    assert len(git("two", "worktree", "list").splitlines()) == 1


def test_what_is_on_main_already_stays(server, tmp_path) -> None:
    repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/new").write_text("new")
    repository.clone(str(server), tmp_path / "behind")
    commit = repository.publish(tmp_path / "one", "new", ["new"])
    for name in ("one", "behind"):
        assert not repository.commit(tmp_path / name, "again", ["README"])
        repository.join(tmp_path / name)
    assert git(server, "rev-parse", "main") == commit


def test_who_waited_begins_where_the_one_before_left_off(
    server: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    for name in ("first", "second"):
        git(tmp_path, "clone", "--quiet", str(server), name)
    (tmp_path / "first/new").write_text("new\n")
    commit = repository.publish(tmp_path / "first", "Train", ["new"])
    monkeypatch.chdir(tmp_path / "second")
    repository.latest()
    assert git(".", "rev-parse", "HEAD") == commit
    assert capsys.readouterr().out.endswith(f"at {commit[:7]}\n")


def test_a_conflict_is_a_matter_for_people(server: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        repository.clone(str(server), tmp_path / name)
        (tmp_path / name / "README").write_text(name)
    first = repository.publish(tmp_path / "one", "one", ["README"])
    with pytest.raises(SystemExit, match="could not apply"):
        repository.publish(tmp_path / "two", "two", ["README"])
    assert git(server, "rev-parse", "main") == first


def test_only_a_lost_race_is_tried_again(server: Path, tmp_path: Path, capsys) -> None:
    repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/a").write_text("a")
    hook = server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no entry >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(SystemExit, match="no entry"):
        repository.publish(tmp_path / "one", "a", ["a"])
    assert "attempt" not in capsys.readouterr().out


@pytest.mark.parametrize("why", ["fetch first", "non-fast-forward", "cannot lock ref"])
def test_who_loses_every_race_gives_up_after_the_fifth(
    server: Path, tmp_path: Path, why: str, capsys
) -> None:
    repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/a").write_text("a")
    hook = server / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\necho {why} >&2\necho >>pushes\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(SystemExit, match=why):
        repository.publish(tmp_path / "one", "a", ["a"])
    assert len((server / "pushes").read_text()) == 5
    told = capsys.readouterr().out.splitlines()
    assert [line.split("attempt ")[1].split()[0] for line in told] == ["2", "3", "4", "5"]


def test_what_else_has_changed_does_not_stop_the_next_attempt(server, tmp_path) -> None:
    for name in ("one", "two"):
        repository.clone(str(server), tmp_path / name)
        (tmp_path / name / name).write_text(name)
    (tmp_path / "two/README").write_text("changed by some tool")
    for name in ("one", "two"):
        repository.publish(tmp_path / name, name, [name])
    assert git(server, "ls-tree", "--name-only", "main").split() == ["README", "one", "two"]
    assert (tmp_path / "two/README").read_text() == "changed by some tool"


def test_without_a_change_nothing_is_committed(server: Path, tmp_path: Path, capsys) -> None:
    repository.clone(str(server), tmp_path / "one")
    (tmp_path / "one/stray").write_text("not ours to commit")
    before = git(server, "rev-parse", "main")
    assert repository.publish(tmp_path / "one", "again", ["README"]) == before
    assert capsys.readouterr().out == "nothing has changed\n"
    assert git(server, "rev-parse", "main") == before


def test_the_token_is_in_no_argument_and_no_file(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = secrets.token_hex(20)
    for name in ("GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GIT_TOKEN", token)
    assert token not in " ".join(repository.credentials())
    repository.clone(str(server), tmp_path / "one")
    assert token not in (tmp_path / "one/.git/config").read_text()
    # GitHub's git server takes no Bearer: https://github.com/fluxcd/source-controller/pull/1091
    kind, _, value = os.environ["GIT_CONFIG_VALUE_0"].removeprefix("Authorization: ").partition(" ")
    assert kind == "Basic"
    assert b64decode(value).decode() == f"x-access-token:{token}"
