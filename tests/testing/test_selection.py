"""`lab test --changed`: what a change concerns is tested, and nothing else."""

import tomllib

from conftest import ROOT, Mini
from mlops_lab.runs import changes


def ran(mini: Mini, *options: str) -> tuple[int, set[str]]:
    """The status, and which files were tested: each writes its name."""
    done = mini.call("test", *options, *([] if "--" in options else ["--"]), "-n", "0")
    log = mini.root / "ran"
    names = set(log.read_text().split()) if log.exists() else set()
    log.unlink(missing_ok=True)
    return done.returncode, names


def test_only_what_changed_is_tested_again(mini: Mini) -> None:
    for name, line in (
        ("one", "(ROOT / 'labs/churn/data').read_text()"),
        ("two", "import mlops_lab.core.text"),
        ("three", "assert (ROOT / 'labs/gitops').name"),
    ):
        (mini.root / f"tests/test_{name}.py").write_text(
            "import os\nfrom pathlib import Path\nROOT = Path(os.environ['LAB_TEST_ROOT'])\n"
            "LOG = ROOT / 'ran'\n"
            f"def test_it():\n    LOG.open('a').write('{name} ')\n    {line}\n"
        )
    (mini.root / "labs/churn/data").write_text("1")
    assert ran(mini) == (0, {"one", "two", "three"})
    assert ran(mini, "--changed") == (0, set())
    # What fails is tested until it passes.
    (mini.root / "labs/churn/data").unlink()
    assert ran(mini, "--changed") == (1, {"one"})
    (mini.root / "labs/churn/data").write_text("2")
    # A part of a file says nothing about the file.
    ran(mini, "--", "-k", "two")
    assert ran(mini, "--changed") == (0, {"one"})
    # One that is named counts as much.
    (mini.root / "labs/churn/data").write_text("3")
    assert ran(mini, "tests/test_one.py") == (0, {"one"})
    assert ran(mini, "--changed") == (0, set())


def test_what_a_test_imports_from_beside_it_concerns_it(mini: Mini) -> None:
    places = {"one": "import helper", "two": "import delivery.step", "three": "pass"}
    for name, line in places.items():
        log = f"open(os.environ['LAB_TEST_ROOT'] + '/ran', 'a').write('{name} ')"
        text = f"import os\n{line}\ndef test_it():\n    {log}\n"
        (mini.root / f"tests/test_{name}.py").write_text(text)
    (mini.root / "tests/helper.py").write_text("import rules\n")
    (mini.root / "tests/rules.py").write_text("")
    step = mini.root / "labs/mlops/delivery/step.py"
    step.parent.mkdir(parents=True)
    step.write_text("")
    (mini.root / "pytest.ini").write_text("[pytest]\npythonpath = labs/mlops\n")
    assert ran(mini) == (0, {"one", "two", "three"})
    (mini.root / "tests/rules.py").write_text("# another")
    assert ran(mini, "--changed") == (0, {"one"})
    step.write_text("# another")
    assert ran(mini, "--changed") == (0, {"two"})


def test_it_looks_where_pytest_does() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert ("tests", *settings["tool"]["pytest"]["ini_options"]["pythonpath"]) == changes.BESIDE
