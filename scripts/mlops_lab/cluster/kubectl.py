"""kubectl with the lab's own kubeconfig, whatever the user's says."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.process import attempt, failure
from mlops_lab.core.waiting import ANSWER_LIMIT


@dataclass(frozen=True)
class Kubectl:
    """Call it with kubectl's arguments; it returns what kubectl printed."""

    program: Path
    config: Path

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl.

        Raises:
            LabError: kubectl failed; its message is this one's.
        """
        done = self._run(arguments, stdin)
        if done.returncode:
            raise failure(done)
        return done.stdout

    def reads(self, path: str) -> bool:
        """Whether the API server answers this path with success."""
        try:
            limit = f"--request-timeout={ANSWER_LIMIT:.0f}s"
            return self._run(["get", "--raw", path, limit]).returncode == 0
        except LabError:
            return False  # `up` did not come as far as to link the program

    def apply(self, manifests: str) -> None:
        """Apply server-side, as the whole owner of every field in the manifests."""
        options = ["--server-side", "--force-conflicts", "--field-manager=lab"]
        self("apply", *options, "-f", "-", stdin=manifests)

    def environment(self) -> dict[str, str]:
        """This process's environment with the lab's kubeconfig in it."""
        return {**os.environ, "KUBECONFIG": str(self.config)}

    def _run(self, arguments: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        own = {"KUBECONFIG": str(self.config)}
        return attempt(self.program, f"--kubeconfig={self.config}", *arguments, told=stdin, env=own)
