"""`lab doctor --stamps`: which pages show an older version than the pinned one."""

import json

from conftest import Mini

PINS = """\
mlflow==3.18.0 \\
    --hash=sha256:0
moto==5.2.5 \\
    --hash=sha256:0
"""


def test_what_is_behind_is_listed_and_fails_nothing(mini: Mini) -> None:
    path = mini.lab("01-one")
    mini.lab("02-two")
    mini.versions()
    (mini.root / "requirements.txt").write_text(PINS)
    notebook = json.loads(path.read_text())
    notebook["metadata"]["lab"]["stamp"] = {"versions": {"mlflow": "3.17.2", "moto": "5.2.5"}}
    path.write_text(json.dumps(notebook))
    done = mini.call("doctor", "--stamps")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == [
        "01-one: mlflow 3.17.2, pinned is 3.18.0",
        "to bring them up to date: ./lab record 01",
    ]


def test_nothing_behind_is_said(mini: Mini) -> None:
    mini.lab("01-one")
    mini.versions()
    assert "every lab was recorded with" in mini.call("doctor", "--stamps").stdout
