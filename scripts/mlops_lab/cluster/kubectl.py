"""kubectl with the lab's own kubeconfig, whatever the user's says."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.process import attempt, failure
from mlops_lab.core.waiting import ANSWER_LIMIT, LIMIT


@dataclass(frozen=True)
class Kubectl:
    """Call it with kubectl's arguments; it returns what kubectl printed."""

    program: Path
    config: Path

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl.

        Raises:
            LabError: kubectl failed, and its message is this one's; or it hangs.
        """
        # One that waits has --timeout, to LIMIT, and says more when it ends by that.
        done = self._run(arguments, LIMIT + ANSWER_LIMIT, stdin)
        if done.returncode:
            raise failure(done)
        return done.stdout

    def reads(self, path: str) -> bool:
        """Whether the API server answers this path with success, in time."""
        try:
            return self._run(["get", "--raw", path], ANSWER_LIMIT).returncode == 0
        except LabError:
            return False  # it hangs, or `up` did not come as far as to link the program

    def apply(self, manifests: str) -> None:
        """Apply server-side, as the whole owner of every field in the manifests."""
        options = ["--server-side", "--force-conflicts", "--field-manager=lab"]
        self("apply", *options, "-f", "-", stdin=manifests)

    def environment(self) -> dict[str, str]:
        """This process's environment with the lab's kubeconfig in it."""
        return {**os.environ, "KUBECONFIG": str(self.config)}

    def _run(
        self, arguments: Sequence[str], limit: float, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        own, command = {"KUBECONFIG": str(self.config)}, (f"--kubeconfig={self.config}", *arguments)
        return attempt(self.program, *command, told=stdin, env=own, limit=limit)
