"""Diagrams as text: ``book/diagrams/NAME.d2``, and beside it what D2 makes of it.

The picture is committed, since JupyterLab and GitHub show a notebook without building anything; a
test draws it again. D2 (https://d2lang.com) comes as a wheel and asks no network.
"""

import subprocess
import sys
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.files import publish
from mlops_lab.core.paths import BOOK

FOLDER = BOOK / "diagrams"
D2 = Path(sys.prefix) / "bin" / "d2"
# Themes of D2: neutral, and its dark one, which follows the page's color scheme.
OPTIONS = (
    "--theme=0", "--dark-theme=200", "--scale=1", "--pad=12", "--layout=elk",
    "--elk-nodeNodeBetweenLayers=30", "--elk-edgeNodeBetweenLayers=20",
    "--elk-padding=[top=36,left=16,bottom=16,right=16]",
)  # fmt: skip


def draw(source: Path) -> str:
    """The diagram as SVG, fonts included.

    Raises:
        LabError: the text is no diagram; what D2 says is in the message.
    """
    command = [str(D2), *OPTIONS, "-", "-"]
    done = subprocess.run(command, input=source.read_bytes(), capture_output=True)
    if done.returncode:
        raise LabError(f"{source.name}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def fill() -> None:
    """Draw every diagram whose picture is not what its text says."""
    for source in sorted(FOLDER.glob("*.d2")):
        picture, text = source.with_suffix(".svg"), draw(source)
        if not picture.exists() or picture.read_text(encoding="utf-8") != text:
            publish(picture, text)
