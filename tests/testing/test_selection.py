"""`lab test --changed`: what a change concerns is tested, and nothing else."""

from conftest import Mini


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
            "import os\nfrom pathlib import Path\nROOT = Path(os.environ['LAB_ROOT'])\n"
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
