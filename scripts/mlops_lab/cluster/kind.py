"""The kind provider: a cluster in a Docker container, https://kind.sigs.k8s.io."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from mlops_lab.cluster import state
from mlops_lab.cluster.images import churn
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.interface import Problem
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.phases import Phase
from mlops_lab.core.environment import masked
from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.process import attempt, run
from mlops_lab.core.waiting import ANSWER_LIMIT, LIMIT
from mlops_lab.toolchain import go
from mlops_lab.toolchain.programs import program
from mlops_lab.toolchain.versions import document

NAME = "mlops-lab"
REGISTRY = "mlops-lab-registry"
# The minor version of Kubernetes; the workflow's matrix sets another.
MINOR = "LAB_KUBERNETES"
TOOLS = "lab/tools:bookworm"


class Kind:
    """Kubernetes in Docker."""

    name: str = "kind"
    about: str = "Kubernetes in a Docker container"
    complete: tuple[str, ...] = ("cluster", "network", "tools")
    builder: Builder = Builder("docker", "python:3.11-slim-bookworm")
    offline: bool = False

    def __init__(self) -> None:
        self.kubectl = Kubectl(Path(shutil.which("kubectl") or "kubectl"), state.kubeconfig())

    def problems(self) -> list[Problem]:
        """Docker that answers, kubectl, skopeo, and a kind program or Go to build it with."""
        found = []
        if silent := _trouble("docker", "info"):
            mend = "start it, or see docs.docker.com/engine/install"
            found.append(Problem(f"no Docker engine answers{silent}", mend))
        if shutil.which("kubectl") is None:
            found.append(Problem("there is no kubectl", "see kubernetes.io/docs/tasks/tools"))
        if shutil.which("skopeo") is None:  # with which lab 06 looks into images
            found.append(Problem("there is no skopeo", "see github.com/containers/skopeo"))
        if shutil.which("kind") is None and go.obtainable() is None:
            found.append(Problem("there is no kind", f"see kind.sigs.k8s.io, or {go.GET}"))
        try:
            self.image()
        except LabError as error:
            found.append(Problem(str(error), f"set {MINOR} to one of them, or not at all"))
        return found

    def phases(self) -> list[Phase]:
        """The registry, the cluster, the network between them, and the image of the lab's tools."""
        return [
            Phase("registry", "registry", (), lambda: _runs(REGISTRY), self._registry),
            Phase("cluster", f"kind {self.image().split('@')[0]}", (), self._exists, self._create),
            Phase("network", "network", ("registry", "cluster"), _is_connected, self._connect),
            Phase("tools", "tools image", ("cluster",), lambda: False, self._tools),
            *churn.phases(self.builder, ("registry",)),
        ]

    def load(self, images: Iterable[str]) -> None:
        """Nothing to do: the nodes pull what they need."""

    def dead(self) -> list[str]:
        """The containers that have stopped."""
        if _trouble("docker", "info"):
            return ["Docker engine"]
        return [name for name in (f"{NAME}-control-plane", REGISTRY) if not _runs(name)]

    def logs(self) -> dict[str, Path]:
        """What `kind export logs` collects."""
        folder = state.FOLDER / "logs"
        run(self._kind(), "export", "logs", str(folder), "--name", NAME)
        return {path.stem: path for path in sorted(folder.rglob("*.log"))}

    def down(self) -> None:
        """Delete both containers."""
        run(self._kind(), "delete", "cluster", "--name", NAME, *_config())
        if not _trouble("docker", "inspect", REGISTRY):
            run("docker", "rm", "--force", "--volumes", REGISTRY)

    def image(self) -> str:
        """The node image, by digest, of the wanted minor version.

        Raises:
            LabError: versions.yaml has no such version.
        """
        nodes = document()["kind"]["nodes"]
        minor = os.environ.get(MINOR) or next(iter(nodes))
        if minor not in nodes:
            raise LabError(f"{MINOR}={minor}: versions.yaml has {', '.join(nodes)}")
        return str(nodes[minor])

    def _kind(self) -> str:
        return shutil.which("kind") or str(program("kind"))

    def _exists(self) -> bool:
        return _runs(f"{NAME}-control-plane") and state.kubeconfig().exists()

    def _create(self) -> None:
        config = str(CLUSTER / "kind.yaml")
        run(self._kind(), "delete", "cluster", "--name", NAME, *_config())
        options = ["--config", config, "--image", self.image(), *_config()]
        wait = ["--wait", f"{LIMIT:.0f}s"]
        run(self._kind(), "create", "cluster", "--name", NAME, *wait, *options)

    def _registry(self) -> None:
        port = document()["registry"].split(":")[1]
        image = document()["kind"]["registry"]
        if not _trouble("docker", "inspect", REGISTRY):
            run("docker", "rm", "--force", "--volumes", REGISTRY)
        publish = ["--publish", f"127.0.0.1:{port}:5000"]
        run("docker", "run", "--detach", "--name", REGISTRY, *publish, image)

    def _connect(self) -> None:
        """Let the node find the registry under the name that the machine uses for it."""
        registry = document()["registry"]
        if not _is_connected():
            run("docker", "network", "connect", "kind", REGISTRY)
        folder = f"/etc/containerd/certs.d/{registry}"
        script = (
            f"""mkdir -p {folder} && echo '[host."http://{REGISTRY}:5000"]' > {folder}/hosts.toml"""
        )
        run("docker", "exec", f"{NAME}-control-plane", "sh", "-c", script)

    def _tools(self) -> None:
        run("docker", "build", "--tag", TOOLS, str(CLUSTER / "images" / "tools"))
        run(self._kind(), "load", "docker-image", TOOLS, "--name", NAME)


def _trouble(*command: str) -> str:
    """Nothing if the command works, asked as a lab would ask, else why it does not, as an end."""
    try:
        limit, env = ANSWER_LIMIT, masked()
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=env)
        return f": {' '.join(done.stderr.split()[:30])}" if done.returncode else ""
    except FileNotFoundError:
        return f": there is no {command[0]}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f": {error}"


def _runs(container: str) -> bool:
    command = ["docker", "inspect", "--format", "{{.State.Running}}", container]
    return attempt(*command).stdout.strip() == "true"


def _is_connected() -> bool:
    command = ["docker", "inspect", "--format", "{{json .NetworkSettings.Networks}}", REGISTRY]
    text = attempt(*command).stdout.strip()
    return bool(text) and "kind" in (json.loads(text) or {})


def _config() -> tuple[str, str]:
    return "--kubeconfig", str(state.kubeconfig())
