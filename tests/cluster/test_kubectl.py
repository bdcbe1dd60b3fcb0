"""kubectl is called with the lab's kubeconfig, and its words are kept."""

from pathlib import Path

import pytest

from fakes import Fakes
from mlops_lab.cluster import kubectl as module
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.core.errors import LabError


@pytest.fixture
def kubectl(fakes: Fakes, tmp_path: Path, monkeypatch) -> Kubectl:
    monkeypatch.setenv("KUBECONFIG", "/home/me/.kube/production")
    return Kubectl(fakes.add("kubectl", 'echo "$KUBECONFIG"'), tmp_path / "own")


def test_the_user_s_own_cluster_is_never_meant(kubectl: Kubectl, fakes: Fakes) -> None:
    assert kubectl("get", "pods") == f"{kubectl.config}\n"
    assert fakes.calls() == [f"kubectl --kubeconfig={kubectl.config} get pods"]
    assert kubectl.environment()["KUBECONFIG"] == str(kubectl.config)


def test_a_failure_has_kubectl_s_words(kubectl: Kubectl, fakes: Fakes) -> None:
    fakes.add("kubectl", "echo 'Error from server: no' >&2; exit 1")
    with pytest.raises(LabError, match=r"get pods: exit status 1\nError from server: no$"):
        kubectl("get", "pods")
    assert not kubectl.reads("/readyz")


def test_a_call_that_hangs_ends_at_the_limit_and_says_so(
    kubectl: Kubectl, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.add("kubectl", "exec /usr/bin/tail -f /dev/null")
    monkeypatch.setattr(module, "LIMIT", 0.2)
    monkeypatch.setattr(module, "ANSWER_LIMIT", 0.1)
    with pytest.raises(LabError, match=r"kubectl .* get pods: no end within 0\.3 s"):
        kubectl("get", "pods")
    assert not kubectl.reads("/readyz")


def test_without_the_program_nothing_answers(tmp_path: Path) -> None:
    assert not Kubectl(tmp_path / "none", tmp_path / "own").reads("/readyz")
