"""Files that pages show are the files, and say which lines."""

from pathlib import Path

import pytest

from mlops_lab.book import shown
from mlops_lab.core.errors import LabError


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "ROOT", tmp_path)
    (tmp_path / "a.yaml").write_text("kind: A\nspec:\n  one: 1\nend: 1\n", encoding="utf-8")
    (tmp_path / "Dockerfile.slim").write_text("FROM scratch\n", encoding="utf-8")


def test_a_whole_file_in_its_language() -> None:
    text = "**a.yaml**:\n\n```yaml\nkind: A\nspec:\n  one: 1\nend: 1\n```"
    assert shown.cell({"file": "a.yaml"}) == text
    assert "```dockerfile\nFROM" in shown.cell({"file": "Dockerfile.slim"})


def test_a_part_says_its_lines() -> None:
    text = shown.cell({"file": "a.yaml", "from": "spec", "to": "one"})
    assert text == "**a.yaml**, lines 2 to 3:\n\n```yaml\nspec:\n  one: 1\n```"


def test_the_end_is_looked_for_from_the_start_on() -> None:
    assert ", lines 3 to 3:" in shown.cell({"file": "a.yaml", "from": "one", "to": "1"})


@pytest.mark.parametrize(
    ("shows", "told"),
    [
        ({"file": "b.yaml"}, "a page shows b.yaml, which cannot be read"),
        ({"file": "a.yaml", "from": "no such"}, "from or to 'no such', which no line has"),
        ({"file": "a.yaml", "from": "end", "to": "kind"}, "from or to 'kind'"),
    ],
)
def test_what_is_not_there_is_named(shows: dict[str, str], told: str) -> None:
    with pytest.raises(LabError, match=told):
        shown.cell(shows)
