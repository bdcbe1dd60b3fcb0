"""Wait until Argo CD has made the cluster what *this* commit says, hooks included."""

import subprocess
import time

from delivery.shell import call, need

REFRESH = "argocd.argoproj.io/refresh=normal"
SECONDS = 600  # for all of it; the job's own limit is longer, and says less


def conditions(commit: str) -> list[tuple[str, str]]:
    """What has to hold, in this order.

    Health comes last and is worth nothing alone: until the commit has been compared, it is the
    health of the version before.
    """
    return [
        ("{.status.sync.revision}", commit),
        ("{.status.sync.status}", "Synced"),
        ("{.status.operationState.phase}", "Succeeded"),
        ("{.status.health.status}", "Healthy"),
    ]


def main() -> None:
    """Tell Argo CD to look now, then wait on the API server's watch, condition by condition."""
    application = ["-n", "argocd", f"application/{need('APPLICATION')}"]
    call("kubectl", "annotate", *application, "--overwrite", REFRESH)
    deadline = time.monotonic() + SECONDS
    for path, value in conditions(need("CONFIG_COMMIT")):
        wait = ["kubectl", "wait", *application, f"--for=jsonpath={path}={value}"]
        left = max(1, round(deadline - time.monotonic()))
        done = subprocess.run([*wait, f"--timeout={left}s"], capture_output=True, text=True)
        if done.returncode:
            shown = call("kubectl", "get", *application, "-o", "jsonpath={.status.operationState}")
            raise SystemExit(f"{path} did not become {value}: {done.stderr.strip()}\n{shown}")
        print(f"{path} is {value}")


if __name__ == "__main__":
    main()
