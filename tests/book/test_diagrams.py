"""Each diagram's picture is what its text says, and each lab opens with one."""

from pathlib import Path

import pytest

from mlops_lab.book import diagrams
from mlops_lab.core.errors import LabError
from mlops_lab.lab import catalog


@pytest.mark.parametrize("source", sorted(diagrams.FOLDER.glob("*.d2")), ids=lambda p: p.stem)
def test_the_picture_is_what_the_text_says(source: Path) -> None:
    """If not: ./lab record --fill draws it again."""
    assert diagrams.draw(source) == source.with_suffix(".svg").read_text(encoding="utf-8")


def test_each_lab_has_one() -> None:
    assert {path.stem for path in diagrams.FOLDER.glob("*.d2")} >= set(catalog.stems())


def test_a_wrong_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.d2").write_text("a -> {", encoding="utf-8")
    with pytest.raises(LabError, match=r"(?s)x\.d2: .*:1:6: maps must be terminated"):
        diagrams.draw(tmp_path / "x.d2")
