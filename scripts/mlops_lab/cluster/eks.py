"""The EKS provider: the platform on a cluster that exists already, in an account that is named."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from mlops_lab.cluster import state
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.interface import Problem
from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.cluster.phases import Phase
from mlops_lab.core.process import run

# Both must be set: a cluster that costs money is never found by accident.
CLUSTER, AGREED = "LAB_EKS_CLUSTER", "LAB_EKS_COSTS_MONEY"


class Eks:
    """An EKS cluster; it is neither created nor deleted."""

    name: str = "eks"
    about: str = "an EKS cluster that exists already and costs money by the hour"
    complete: tuple[str, ...] = ("access",)
    # Images for EKS come from ECR: nothing is built for it here.
    builder: Builder = Builder("", "")
    offline: bool = False

    def __init__(self) -> None:
        self.kubectl = Kubectl(Path(shutil.which("kubectl") or "kubectl"), state.kubeconfig())

    def problems(self) -> list[Problem]:
        """Both consents, and the programs."""
        found = []
        if not os.environ.get(CLUSTER):
            found.append(Problem("no EKS cluster is named", f"{CLUSTER}=its name"))
        if os.environ.get(AGREED) != "yes":
            found.append(Problem("it costs money, and you have not agreed", f"{AGREED}=yes"))
        found += [
            Problem(
                f"there is no {name}",
                "see docs.aws.amazon.com/eks/latest/userguide/setting-up.html",
            )
            for name in ("aws", "kubectl")
            if shutil.which(name) is None
        ]
        return found

    def phases(self) -> list[Phase]:
        """A kubeconfig of the lab's own."""
        return [Phase("access", "access", (), state.kubeconfig().exists, self._access)]

    def load(self, images: Iterable[str]) -> None:
        """Nothing to do: the nodes pull what they need."""

    def dead(self) -> list[str]:
        """Nothing: AWS watches over the control plane."""
        return []

    def logs(self) -> dict[str, Path]:
        """None here: they are in CloudWatch."""
        return {}

    def down(self) -> None:
        """Nothing but the kubeconfig was made; the cluster stays as it is."""
        state.kubeconfig().unlink(missing_ok=True)

    def _access(self) -> None:
        name: str = os.environ[CLUSTER]
        command = [
            "aws",
            "eks",
            "update-kubeconfig",
            "--name",
            name,
            "--kubeconfig",
            str(state.kubeconfig()),
        ]
        run(*command)
