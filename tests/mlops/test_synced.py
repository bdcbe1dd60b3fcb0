"""What is waited for after a rollout: labs/mlops/delivery/synced.py."""

from pathlib import Path

import pytest
from delivery import synced

COMMIT = "0123456789abcdef"
# Everything holds, but the revision is $NOW.
ANSWERS = """case "$*" in
    wait*sync.revision}=$NOW\\ *) ;;
    wait*sync.revision*) echo timed out >&2; exit 1 ;;
esac"""


@pytest.fixture
def argo(program, monkeypatch: pytest.MonkeyPatch):
    """Lets kubectl answer as if the application were at a commit, and healthy."""
    monkeypatch.setenv("APPLICATION", "dev")
    monkeypatch.setenv("CONFIG_COMMIT", COMMIT)

    def at(commit: str) -> Path:
        monkeypatch.setenv("NOW", commit)
        return program("kubectl", ANSWERS)

    return at


def test_argo_is_told_to_look_and_health_is_asked_last(argo) -> None:
    calls = argo(COMMIT)
    synced.main()
    asked = [line.split(": ", 1)[1] for line in calls.read_text().splitlines()]
    look = "--overwrite argocd.argoproj.io/refresh=normal"
    assert asked[0] == f"annotate -n argocd application/dev {look}"
    waited = [
        line.partition("jsonpath={.status.")[2].partition(" --timeout=") for line in asked[1:]
    ]
    assert [what for what, _, _ in waited] == [
        f"sync.revision}}={COMMIT}", "sync.status}=Synced", "operationState.phase}=Succeeded",
        "health.status}=Healthy",
    ]  # fmt: skip
    # All of them together have as long as one.
    seconds = [int(left.removesuffix("s")) for _, _, left in waited]
    assert synced.SECONDS >= seconds[0] >= seconds[-1] >= 1


def test_a_healthy_application_of_the_commit_before_is_not_enough(argo) -> None:
    calls = argo("the-one-before")
    with pytest.raises(SystemExit, match=r"sync\.revision} did not become 0123.*timed out"):
        synced.main()
    shown = calls.read_text().splitlines()[-1]
    assert shown.endswith("application/dev -o jsonpath={.status.operationState}")
