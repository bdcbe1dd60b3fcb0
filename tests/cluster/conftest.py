"""What the tests of the cluster share. None of them sees a cluster that this checkout may have."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_lab.cluster import access, building, eks, kind, lifecycle, platform, provider
from mlops_lab.cluster.host import provider as host
from mlops_lab.cluster.programs import is_cached, program


class Fakes:
    """Programs that note how they are called; nothing else is in PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "programs"
        self.folder.mkdir()
        self._log = folder / "calls"

    def add(self, name: str, body: str = "exit 0") -> Path:
        """A program whose body is a piece of sh."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self._log}"\n{body}\n')
        path.chmod(0o755)
        return path

    def calls(self) -> list[str]:
        """The command lines so far, and forget them."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cluster's state, for this test alone."""
    folder = tmp_path / "state" / "cluster"
    places = {
        "FOLDER": folder,
        "KUBECONFIG": folder / "kubeconfig",
        "KUBECTL": folder / "bin" / "kubectl",
        "RECORD": folder / "provider",
        "LOCK": folder.with_suffix(".lock"),
    }
    for module in (access, building, eks, host, kind, lifecycle, provider):
        for name, path in places.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, path)
    for name in [name for name in os.environ if name.startswith(("LAB_EKS_", kind.MINOR))]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    """Fake programs, alone in PATH."""
    fakes = Fakes(tmp_path)
    monkeypatch.setenv("PATH", str(fakes.folder))
    return fakes


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


@pytest.fixture
def forget() -> Iterator[Callable[[], None]]:
    """Forget what was read of versions.yaml and platform.yaml, now and at the end."""
    from mlops_lab.cluster import versions

    def clear() -> None:
        for function in (versions.document, versions.components, platform.parts):
            function.cache_clear()

    clear()
    yield clear
    clear()
