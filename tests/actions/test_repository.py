"""Checkouts of commits."""

from actions.conftest import Make, commit, git
from mlops_lab.actions.repository import NOTHING, Repository


def test_a_checkout_has_the_commit_on_its_branch_and_nothing_else(make: Make) -> None:
    folder = make()
    first = commit(folder, {"a": "1"})
    commit(folder, {"a": "2"})
    (folder / "b").write_text("not committed")
    repository = Repository(folder)
    path = repository.checkout("refs/heads/main", first)
    assert (path / "a").read_text() == "1"
    assert not (path / "b").exists()
    assert git(path, "branch", "--show-current") == "main"
    assert git(path, "remote", "get-url", "origin") == str(folder)


def test_a_checkout_s_origin_is_the_folder_s(make: Make) -> None:
    folder = make()
    sha = commit(folder, {"a": "1"})
    git(folder, "remote", "add", "origin", "http://127.0.0.1:9/churn.git")
    repository = Repository(folder)
    path = repository.checkout("refs/heads/main", sha)
    assert git(path, "remote", "get-url", "origin") == "http://127.0.0.1:9/churn.git"
    assert repository.checkout("refs/heads/main", sha) == path


def test_checkouts_go_when_the_repository_does(make: Make) -> None:
    folder = make()
    repository = Repository(folder)
    path = repository.checkout("refs/heads/main", git(folder, "rev-parse", "HEAD"))
    del repository
    assert not path.exists()


def test_changes_are_all_files_at_first_and_then_the_difference(make: Make) -> None:
    folder = make()
    first = commit(folder, {"a": "1", "d/b": "1"})
    second = commit(folder, {"d/b": "2"})
    repository = Repository(folder)
    assert repository.changed(NOTHING, first) == ("a", "d/b")
    assert repository.changed(first, second) == ("d/b",)
