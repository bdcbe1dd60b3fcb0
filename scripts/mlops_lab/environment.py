"""The environment of labs and services: nothing of the user's accounts gets in, nothing gets out.

A lab must never reach a real cloud, so `mask` removes every variable that could point a tool at
one, gives the process a home folder of its own (which hides ``~/.aws``, ``~/.kube``, git's and
DVC's settings), and sends whatever would still leave this machine to a closed port.
"""

import os
import sys
from collections.abc import MutableMapping

from mlops_lab.paths import CACHE, HOME

MASKED_PREFIXES = (
    "AWS_", "AMAZON_", "BOTO", "S3_", "EC2_", "MLFLOW_", "DVC_", "GIT_", "KUBE", "HELM_",
    "DOCKER_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "AZURE_", "DATABRICKS_", "ARGOCD_", "GITHUB_",
    "GH_", "CI_JOB_", "IPYTHON", "JUPYTER", "MAKE", "MPL", "PROMETHEUS_",
    "PYTEST_", "RUFF_", "XDG_",
)  # fmt: skip
MASKED = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "pythonstartup", "pythonpath")

# Port 9 is "discard": nothing listens there, so a forgotten cloud call fails at once.
NOWHERE = "http://127.0.0.1:9"

SAFE = {
    "HOME": str(HOME),
    "PATH": "",
    "PYTHONUTF8": "1",
    # Plain outputs: no colors, no pagers, no progress bars, one language.
    "LC_ALL": "C.UTF-8" if sys.platform != "darwin" else "en_US.UTF-8",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "PAGER": "cat",
    "TQDM_DISABLE": "1",
    # Everything on loopback is reached directly; everything else is not reached.
    "NO_PROXY": "127.0.0.1,localhost",
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
    # Stand-in credentials: moto accepts any, and tools want some.
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    # A service that has not been started yet must not mean "the real one".
    "AWS_ENDPOINT_URL": NOWHERE,
    "MLFLOW_TRACKING_URI": NOWHERE,
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "GIT_CONFIG_NOSYSTEM": "1",
    "DVC_NO_ANALYTICS": "1",
    "DVC_SITE_CACHE_DIR": str(CACHE / "dvc"),
    "DO_NOT_TRACK": "1",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": str(CACHE / "matplotlib"),
    # Two labs share two cores: one thread each beats eight that wait for one another.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}

GITCONFIG = """\
[user]
\tname = Lab
\temail = lab@localhost
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
[commit]
\tgpgsign = false
"""


def is_masked(name: str) -> bool:
    """Whether a variable of the user's environment is hidden from labs and services."""
    return name.upper().startswith(MASKED_PREFIXES) or name.lower() in MASKED


def mask(environ: MutableMapping[str, str] = os.environ) -> None:
    """Make `environ` safe for a lab, in place; calling it again changes nothing."""
    for name in list(environ):
        if is_masked(name):
            del environ[name]
    environ.update({**SAFE, "PATH": _path(environ)})
    HOME.mkdir(parents=True, exist_ok=True)
    config = HOME / ".gitconfig"
    if not config.exists():
        config.write_text(GITCONFIG, encoding="utf-8")


def _path(environ: MutableMapping[str, str]) -> str:
    """PATH with the lab's own programs first, and in it only once."""
    own = os.path.join(sys.prefix, "bin")
    rest = [p for p in environ.get("PATH", os.defpath).split(os.pathsep) if p and p != own]
    return os.pathsep.join([own, *rest])
