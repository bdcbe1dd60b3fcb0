"""act's process: what it gets of this environment, how its output is read, and how it is stopped.

In host mode act hands its whole own environment to every step (``startHostEnvironment`` in its
pkg/runner/run_context.go), so what act gets is what steps get. Unlike on GitHub a step has a
terminal, so that programs may draw progress bars or wait for a key; `environment.SAFE` tells them
not to.
"""

import functools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mlops_lab.actions.shells import Shells
from mlops_lab.core import guard
from mlops_lab.core.environment import DOCKER, SAFE, masked

# A step that has not logged in must not be logged in, nor know a service that nobody told it of.
WITHHELD = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
    "MLFLOW_TRACKING_URI",
)  # fmt: skip


_ONE = threading.Lock()


class Cancel:
    """Call it, from any thread, to cancel a run.

    As on GitHub, the steps that run are ended at once, and those with ``always()`` or
    ``cancelled()`` still run: that is what act does on SIGINT.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    def __call__(self) -> None:
        """Cancel the run; before it has begun, it ends as soon as it does."""
        self._event.set()
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    @property
    def asked(self) -> bool:
        """Whether somebody has called."""
        return self._event.is_set()

    def attach(self, process: subprocess.Popen[str]) -> None:
        """From now on a call reaches this process."""
        self._process = process
        if self.asked:
            self()


def follow(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    take: Callable[[str], None],
    cancel: Cancel,
) -> tuple[int, str]:
    """Call `take` with each line of output as it comes.

    Returns the exit status, and what was said on standard error but for act's warning that there
    is no Docker, which is the point.
    """
    shells = Shells(cwd / "shells")
    with (cwd / "stderr").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment(env, shells.folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C is for this process, which then cancels the run itself.
            start_new_session=True,
        )
        cancel.attach(process)
        with process:
            assert process.stdout
            try:
                for line in process.stdout:
                    take(shells.heard(line))
            except BaseException:
                cancel()
                raise
        errors.seek(0)
        said = [line for line in errors.read().splitlines() if "docker" not in line]
    return process.returncode, "\n".join(said)


def environment(env: Mapping[str, str], shells: Path) -> dict[str, str]:
    """What act and so every step gets.

    These are `environment.SAFE` without what is withheld, PATH with the folder `shells` and the
    lab's own programs first, where the Docker engine is, what `guard` knows leftovers by, act's
    switch against a question to its maker's server, and `env`.
    """
    safe = masked()
    names = (*SAFE, *DOCKER, guard.VARIABLE)
    kept = {name: safe[name] for name in names if name in safe and name not in WITHHELD}
    kept["ACT_DISABLE_VERSION_CHECK"] = "1"
    kept |= env
    kept["PATH"] = f"{shells}{os.pathsep}{kept['PATH']}"
    return guard.owned_by(_guard().owner, kept)


def _guard() -> guard.Guard:
    """Ends what steps left running when this process ends, however it does."""
    with _ONE:  # a second guard would be forgotten, and end what it guards
        return _first_guard()


@functools.cache
def _first_guard() -> guard.Guard:
    return guard.Guard(f"actions-{os.getpid()}-{time.time_ns()}")
