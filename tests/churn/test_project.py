"""What the churn project's pipelines leave out of its own tests, since it takes long."""

import sys

from conftest import ROOT, run


def test_the_project_with_a_registry() -> None:
    command = "-m pytest -q -p no:cacheprovider -m integration tests"
    done = run(sys.executable, *command.split(), cwd=ROOT / "labs/churn")
    assert " passed" in done.stdout
