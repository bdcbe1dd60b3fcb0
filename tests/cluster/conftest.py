"""What the tests of the cluster share. None of them sees a cluster that this checkout may have."""

import os
from pathlib import Path

import pytest

from mlops_lab.cluster import kind, state
from mlops_lab.toolchain.programs import is_cached, program


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cluster's state, for this test alone."""
    monkeypatch.setattr(state, "FOLDER", tmp_path / "state" / "cluster")
    for name in [name for name in os.environ if name.startswith(("LAB_EKS_", kind.MINOR))]:
        monkeypatch.delenv(name)
    return state.FOLDER


class FakeKubectl:
    """Answers by a command's first two words, or its first; notes all, and what it applied."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.calls: list[str] = []
        self.applied: list[str] = []
        self.program, self.config = Path("kubectl"), Path("kubeconfig")
        self.ready = True

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        self.calls.append(" ".join(arguments))
        verb = arguments[0]
        return self.answers.get("_".join(arguments[:2]), self.answers.get(verb, ""))

    def reads(self, path: str) -> bool:
        return self.ready

    def apply(self, manifests: str) -> None:
        self.calls.append("apply")
        self.applied.append(manifests)


@pytest.fixture(scope="session")
def real_kubectl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """kubectl, a program that looks at the name it is called by."""
    if not is_cached("kubernetes"):
        pytest.skip("no cluster was ever up here: ./lab cluster up")
    link = tmp_path_factory.mktemp("bin") / "kubectl"
    link.symlink_to(program("kubernetes"))
    return link
