"""The churn project's own tests that its pipelines leave out, since they take long."""

import sys

from conftest import ROOT, run


def test_the_project_with_its_server_and_a_registry() -> None:
    command = "-m pytest -q -p no:cacheprovider -m integration tests"
    done = run(sys.executable, *command.split(), cwd=ROOT / "labs/churn")
    assert " passed" in done.stdout
