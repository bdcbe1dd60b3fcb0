"""What is wrong in a file of ours is told with file and key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_lab.actions import standins
from mlops_lab.cluster import platform
from mlops_lab.core.errors import LabError
from mlops_lab.core.schema import Strict, load
from mlops_lab.lab import catalog
from mlops_lab.toolchain import versions
from mlops_lab.toolchain.versions import components


class Entry(Strict):
    id: str
    size: int = 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a}\n- {id: b, size: big}", "x.yml: b: size: Input should be a valid integer"),
        ("- {size: 2}", "x.yml: 0: id: Field required"),
        ("- {id: a, color: red}\n- 7", "x.yml: a: color: Extra .*\nx.yml: 1: Input should be"),
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


NOTEBOOK = (
    '{"cells": [{"cell_type": "markdown", "id": "a", "source": ["# A"]}], "metadata": {"lab": %s}}'
)


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (platform.parts, "x: {about: a, namespace: n, ready: [d], need: y}", "x: need: Unexpected"),
        (platform.parts, "x: {about: a, namespace: n, ready: d}", "x: ready: Input should be a va"),
        (standins.stand_ins, "a/b@c: {version: v1, folder: b}", "a/b@c: differs: Field required"),
        (components, "components: {x: {version: '1', modul: x}}", "x: modul: Unexpected keyword"),
        (components, "components: {x: {image: x}}", "x: version: Field required"),
        (lambda: catalog.read("01-a"), NOTEBOOK % '{"services": "aws"}', "services: Input should"),
    ],
)
def test_a_wrong_entry_is_told_by_who_reads_it(
    tmp_path: Path, monkeypatch, forget, read: Callable[[], object], text: str, said: str
) -> None:
    for module, place in ((platform, "FOLDER"), (standins, "FOLDER"), (catalog, "NOTEBOOKS")):
        monkeypatch.setattr(module, place, tmp_path)
    monkeypatch.setattr(versions, "FILE", tmp_path / "versions.yaml")
    for name in ("platform.yaml", "actions.yml", "versions.yaml", "01-a.ipynb"):
        (tmp_path / name).write_text(text)
    forget()
    with pytest.raises(LabError, match=rf"(platform|actions|versions|01-a)\.\w+: {said}"):
        read()
