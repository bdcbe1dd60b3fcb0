"""What is wrong in a file of ours is told with file and key."""

import json
from pathlib import Path

import pytest

from mlops_lab.actions import standins
from mlops_lab.cluster import platform
from mlops_lab.core.errors import LabError
from mlops_lab.core.schema import Strict, load
from mlops_lab.lab import catalog


class Entry(Strict):
    id: str
    size: int = 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a}\n- {id: b, size: big}", "x.yml: b: size: Input should be a valid integer"),
        ("- {size: 2}", "x.yml: 0: id: Field required"),
        ("- {id: a, colour: red}\n- 7", "x.yml: a: colour: Extra .*\nx.yml: 1: Input should be"),
        ("id: a", "x.yml: all of it: Input should be a valid list"),
        ("[", "x.yml: while parsing"),
    ],
)
def test_an_entry_is_named_by_its_id_else_by_its_number(text: str, said: str) -> None:
    with pytest.raises(LabError, match=f"^{said}"):
        load(list[Entry], text, "x.yml")


def test_an_entry_of_a_mapping_gets_its_own_name() -> None:
    assert load(dict[str, Entry], "a: {size: 2}", "x.yml", key="id")["a"] == Entry(id="a", size=2)
    assert load(dict[str, Entry], "# nothing yet", "x.yml", key="id") == {}
    with pytest.raises(LabError, match=r"^x\.yml: a: Input should be a valid dictionary"):
        load(dict[str, Entry], "a:", "x.yml", key="id")


def test_wrong_entries_are_told_by_who_reads_them(tmp_path: Path, monkeypatch, forget) -> None:
    monkeypatch.setattr(platform, "FOLDER", tmp_path)
    monkeypatch.setattr(standins, "FOLDER", tmp_path)
    monkeypatch.setattr(catalog, "NOTEBOOKS", tmp_path)
    (tmp_path / "platform.yaml").write_text("x: {about: a, namespace: n, ready: deployment/d}")
    (tmp_path / "actions.yml").write_text("a/b@c: {version: v1, folder: b, difers: not at all}")
    cell = {"cell_type": "markdown", "id": "title", "source": ["# One"]}
    notebook = {"cells": [cell], "metadata": {"lab": {"services": "aws"}}}
    (tmp_path / "01-one.ipynb").write_text(json.dumps(notebook))
    forget()
    with pytest.raises(LabError, match=r"^platform\.yaml: x: ready: Input should be a valid list"):
        platform.parts()
    with pytest.raises(LabError, match=r"actions\.yml: a/b@c: difers: Unexpected keyword"):
        standins.stand_ins()
    with pytest.raises(LabError, match=r"^01-one\.ipynb: services: Input should be a valid tuple"):
        catalog.read("01-one")
