"""The environments that this project's processes get, each built from a list of what it may have.

A lab must never reach a real cloud, and its outputs must not depend on a user's shell. So `mask`
keeps only what `LABS` lists, gives the process a home folder of its own (which hides ``~/.aws``,
``~/.kube``, git's and DVC's settings), and sends whatever would still leave this machine to a
closed port. Set-up, builds and tests need the way to the package registries too: `BUILDS`. The
command that a person typed also keeps what belongs to that person: `PERSON`.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path

from mlops_lab.core.files import publish
from mlops_lab.core.paths import CACHE, HOME, STATE

# A name with a star at its end stands for all that begin like it.
LABS = (
    "PATH", "TZ", "TMPDIR", "USER", "LOGNAME", "LAB_*",
    # A Python outside the system's folders may find its own library only by it.
    "LD_LIBRARY_PATH",
    # How images can be built in the container that this may be.
    "BUILDAH_ISOLATION", "STORAGE_DRIVER",
)  # fmt: skip

BUILDS = (
    *LABS, "HOME", "TERM", "NO_COLOR", "CI",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
    # The way out: proxies, and whom to trust.
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE",
    "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS", "NETRC",
    # Indexes and caches. What would change where or how something is installed is not here.
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST",
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT",
    "PIP_RETRIES", "PIP_CACHE_DIR", "PIP_CONFIG_FILE", "PIP_KEYRING_PROVIDER",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "UV_INDEX", "UV_INDEX_*", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS",
    "UV_INSECURE_HOST", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_KEYRING_PROVIDER",
    "UV_HTTP_TIMEOUT", "UV_HTTP_RETRIES", "UV_CONCURRENT_*", "UV_CACHE_DIR", "UV_LINK_MODE",
    "UV_OFFLINE",
    "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOAUTH", "GOVCS",
    "GOENV", "GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE",
    "NPM_CONFIG_*", "npm_config_*",
    "DOCKER_*", "DEBIAN_FRONTEND",
)  # fmt: skip

PERSON = (
    *BUILDS, "LANG", "LANGUAGE", "LC_*", "COLORTERM", "COLUMNS", "LINES", "PAGER", "EDITOR",
    "VISUAL", "SHELL", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_*",
    "DBUS_SESSION_BUS_ADDRESS", "WSL*", "SSH_*",
    # JupyterLab is the user's own, and so is the account of a cluster in a cloud.
    "JUPYTER*", "AWS_*",
    # A shell that asks what Tab should offer.
    "_LAB_COMPLETE", "_TYPER_*", "COMP_*",
)  # fmt: skip

# Port 9 is "discard": nothing listens there, so a forgotten cloud call fails at once.
NOWHERE = "http://127.0.0.1:9"
LOOPBACK = ("127.0.0.1", "localhost")

LOCALE = "C.UTF-8" if sys.platform != "darwin" else "en_US.UTF-8"

SAFE = {
    "HOME": str(HOME),
    "PATH": "",
    "PYTHONUTF8": "1",
    # Plain outputs: no colors, no pagers, no progress bars, one language.
    "LC_ALL": LOCALE,
    "NO_COLOR": "1",
    "TERM": "dumb",
    "PAGER": "cat",
    "TQDM_DISABLE": "1",
    # Everything on loopback is reached directly; everything else is not reached.
    "NO_PROXY": ",".join(LOOPBACK),
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

# Where the Docker engine is, in words that need no home folder.
DOCKER = (
    "DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION",
)  # fmt: skip

# A Unix socket's path has 104 bytes on macOS, and a name in a folder of ours needs 44 of them.
LONGEST_TMPDIR = 60


def keep(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """What of `environ` has one of these names, and a folder for temporary files only if it is of
    use.
    """
    whole = {name for name in names if not name.endswith("*")}
    begins = tuple(name.removesuffix("*") for name in names if name.endswith("*"))
    kept = {k: v for k, v in environ.items() if k in whole or k.startswith(begins)}
    if not _is_useful(kept.get("TMPDIR", "")):
        kept.pop("TMPDIR", None)
    return kept


def enter(environ: MutableMapping[str, str] = os.environ) -> None:
    """Leave the command that a person typed with what it needs of the person's environment."""
    replace(environ, {**keep(environ, PERSON), "PYTHONUTF8": "1", "PATH": _path(environ)})
    if not environ.get("HOME"):
        home = os.path.expanduser("~")
        # Somebody without an entry in the list of users has no home; a folder that cannot be
        # made is what programs can tell.
        environ["HOME"] = home if home != "~" else "/nonexistent"


def builds(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of what fetches and builds: the user's network, home and caches."""
    return {**keep(environ, BUILDS), "LC_ALL": LOCALE, "PYTHONUTF8": "1"}


def for_tests(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of pytest: tests of the set-up need the registry, but nobody's git."""
    own = {
        **{name: _unproxied(environ.get(name, "")) for name in ("NO_PROXY", "no_proxy")},
        "PATH": _path(environ),
        # pytest's folder is called after the user, and must be the user's: after a `sudo -E` the
        # name that is in the environment is somebody else's.
        **dict.fromkeys(("USER", "LOGNAME"), _user()),
        "GIT_CONFIG_GLOBAL": str(_gitconfig()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "IPYTHONDIR": str(STATE / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(STATE / "jupyter"),
    }
    # pytest's workers are told by its own variables what they are.
    return {**builds(environ), **keep(environ, ["PYTEST_CURRENT_TEST", "PYTEST_XDIST_*"]), **own}


def _unproxied(hosts: str) -> str:
    """These hosts and this machine: who has a proxy may not have thought of servers of tests."""
    return ",".join(dict.fromkeys([*filter(None, hosts.split(",")), *LOOPBACK]))


def mask(environ: MutableMapping[str, str] = os.environ) -> None:
    """Make `environ` safe for a lab, in place; calling it again changes nothing."""
    docker = _docker(environ)
    path = _path(environ)
    user = {"USER": _user(), "LOGNAME": _user(), **keep(environ, LABS)}
    replace(environ, {**user, **docker, **SAFE, "PATH": path})
    _gitconfig()


def masked(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A copy of `environ` that is safe for a lab."""
    copy = dict(environ)
    mask(copy)
    return copy


def replace(environ: MutableMapping[str, str], wanted: Mapping[str, str]) -> None:
    """Make `environ` equal to `wanted`, in place."""
    for name in environ.keys() - wanted.keys():
        del environ[name]
    environ.update(wanted)


def _gitconfig() -> Path:
    """The labs' own git settings, written if they are not there."""
    config = HOME / ".gitconfig"
    if not config.exists() or not config.stat().st_size:  # a full disk leaves it empty
        HOME.mkdir(parents=True, exist_ok=True)
        publish(config, GITCONFIG)
    return config


def _user() -> str:
    """A name for programs that ask for one, which fail where the user has no entry."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "lab"


def _is_useful(folder: str) -> bool:
    """Whether temporary files can be made there, and sockets."""
    fits = os.path.isabs(folder) and len(os.fsencode(folder)) <= LONGEST_TMPDIR
    return fits and os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)


def _path(environ: Mapping[str, str]) -> str:
    """PATH with the lab's own programs first, and in it only once.

    A relative entry would mean another folder in each lab.
    """
    own = os.path.join(sys.prefix, "bin")
    given = (environ.get("PATH") or os.defpath).split(os.pathsep)
    return os.pathsep.join([own, *(p for p in given if os.path.isabs(p) and p != own)])


def _docker(environ: Mapping[str, str]) -> dict[str, str]:
    """What tells a process with another home folder which Docker engine the user means.

    The engine of a context is in files in the user's home, so docker is asked for it.
    """
    config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/")) / ".docker")
    if environ.get("HOME") != str(HOME):
        _link_plugins(config / "cli-plugins")
    found = {name: environ[name] for name in DOCKER if environ.get(name)}
    if not found.get("DOCKER_HOST"):
        found |= _context(environ, config)
    if found.get("DOCKER_TLS_VERIFY"):
        found.setdefault("DOCKER_CERT_PATH", str(config))
    if found.get("DOCKER_HOST", "").startswith("ssh:") and "SSH_AUTH_SOCK" in environ:
        found["SSH_AUTH_SOCK"] = environ["SSH_AUTH_SOCK"]
    return found


def _context(environ: Mapping[str, str], config: Path) -> dict[str, str]:
    """The engine of the context that is in use; nothing if that is the default one."""
    try:
        settings = json.loads((config / "config.json").read_text(encoding="utf-8"))
        current = environ.get("DOCKER_CONTEXT") or settings.get("currentContext", "")
    except (OSError, ValueError, AttributeError):
        current = environ.get("DOCKER_CONTEXT", "")
    docker = shutil.which("docker", path=environ.get("PATH"))
    if not docker or current in ("", "default"):
        return {}
    command = [docker, "context", "inspect", current]
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
        (context,) = json.loads(done.stdout)
        endpoint, material = context["Endpoints"]["docker"], context["Storage"]["TLSPath"]
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError, TypeError):
        return {}
    found = {"DOCKER_HOST": str(endpoint["Host"])}
    if context.get("TLSMaterial"):
        found["DOCKER_CERT_PATH"] = str(Path(material, "docker"))
        found["DOCKER_TLS" if endpoint.get("SkipTLSVerify") else "DOCKER_TLS_VERIFY"] = "1"
    return found


def _link_plugins(plugins: Path) -> None:
    """Let docker find the user's plugins, such as the builder that comes with Docker Desktop."""
    link = HOME / ".docker" / "cli-plugins"
    if not plugins.is_dir() or (link.is_symlink() and link.readlink() == plugins):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(plugins)
    except FileExistsError:
        pass  # another lab was quicker
