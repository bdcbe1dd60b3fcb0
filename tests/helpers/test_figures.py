"""Pictures in a notebook: small enough to be committed, with a text for who cannot see them."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlops_lab.helpers import figures


def test_a_picture_from_a_file_has_its_text_and_fewer_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.png"
    noise = Image.effect_noise((300, 200), 40).convert("RGB")
    noise.save(path)
    shown: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def display(bundle: dict[str, Any], raw: bool, metadata: dict[str, Any]) -> None:
        shown.append((bundle, metadata))

    monkeypatch.setattr(figures, "display", display)
    figures.picture(str(path), "what it shows")
    ((bundle, metadata),) = shown
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == "what it shows"
    assert Image.open(io.BytesIO(bundle["image/png"])).size == (300, 200)
    assert len(bundle["image/png"]) < path.stat().st_size
