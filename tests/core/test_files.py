"""Files that several write."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_lab.core.files import publish


def test_of_those_who_write_at_once_one_is_the_last(tmp_path: Path) -> None:
    path = tmp_path / "file"
    texts = [str(number) * 10_000 for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: publish(path, text), texts))
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    publish(path, "old")
    with pytest.raises(UnicodeEncodeError):
        publish(path, "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
