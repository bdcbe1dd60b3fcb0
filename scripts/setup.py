"""Make .venv from requirements.txt, with nothing but the standard library.

Usage: setup.py VENV REQUIREMENTS. A copy of the requirements is put into the environment last:
where it is missing, the environment is half-made and is made anew.
"""

import configparser
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

# What uv, pip and apt-get are told of the user's environment: the way to an index, and a home. The
# engine's own lists are in mlops_lab/core/environment.py; a star stands for all that begin like it.
KEPT = (
    "PATH", "HOME", "TZ", "TMPDIR", "USER", "LOGNAME", "TERM", "NO_COLOR", "LD_LIBRARY_PATH",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DEBIAN_FRONTEND",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NIX_SSL_CERT_FILE",
    "NETRC",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST",
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT", "PIP_TIMEOUT",
    "PIP_RETRIES", "PIP_CACHE_DIR", "PIP_CONFIG_FILE", "PIP_KEYRING_PROVIDER",
    "UV_INDEX*", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INSECURE_HOST",
    "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_KEYRING_PROVIDER", "UV_HTTP_*", "UV_CONCURRENT_*",
    "UV_CACHE_DIR", "UV_LINK_MODE", "UV_OFFLINE",
)  # fmt: skip

# uv does not read pip's settings; who has only those means them.
AS_UV = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_PROXY": "HTTPS_PROXY",
    "PIP_CERT": "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE": "SSL_CERT_FILE",
}
PIP_FILES = (
    "/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf",
    "~/Library/Application Support/pip/pip.conf", "$XDG_CONFIG_HOME/pip/pip.conf",
    "$PIP_CONFIG_FILE",
)  # fmt: skip

# What a person looks at first when a download fails.
NETWORK = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_OFFLINE",
)  # fmt: skip

# A certificate that is not there would end a download with a traceback.
FILES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


def main() -> None:
    """Set up under a lock that a killed set-up cannot keep."""
    venv, requirements = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        Path(f"{venv}.lock").touch()
    except OSError as error:
        sys.exit(f"lab: cannot write to {venv.parent} ({error.strerror}){whose(venv.parent)}")
    with open(f"{venv}.lock", "a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:  # as on some network file systems
            sys.exit(f"lab: cannot lock {lock.name} ({error.strerror}); use a local disk")
        mark, place = venv / "requirements.txt", venv / "place"
        ready = mark.exists() and (venv / "bin" / "python").exists() and not moved(place)
        if ready and place.exists() and mark.read_bytes() == requirements.read_bytes():
            return  # another first call was quicker
        say(f"setting up {venv.name} (about a minute, more with an empty package cache)")
        if ready:
            mark.unlink()
        else:
            shutil.rmtree(venv, ignore_errors=True)
        choose_environment()
        install(venv, requirements)
        place.write_text(f"{venv}\n", encoding="utf-8")
        shutil.copyfile(requirements, f"{mark}.part")
        os.replace(f"{mark}.part", mark)


def whose(folder: Path) -> str:
    """What to do about a folder that cannot be written to."""
    owner = folder.stat().st_uid
    if owner == os.geteuid():
        return f"; make it writable, or clone it elsewhere: git clone {folder}"
    return (
        f": it belongs to user {owner}, you are {os.geteuid()}; clone it for yourself: "
        f"git clone {folder}, or take it: sudo chown -R {os.geteuid()} {folder}"
    )


def moved(place: Path) -> bool:
    """Whether the environment was made elsewhere: its programs would not be found."""
    return place.exists() and place.read_text(encoding="utf-8") != f"{place.parent}\n"


def choose_environment() -> None:
    """Leave only what is known to be of use: what else there is may change where and how packages
    are installed.
    """
    names = {name for name in KEPT if not name.endswith("*")}
    begins = tuple(name[:-1] for name in KEPT if name.endswith("*"))
    for name in set(os.environ) - names:
        if not name.startswith(begins):
            del os.environ[name]
    for name in FILES:
        if not os.path.exists(os.environ.get(name, "/")):
            say(f"{name} names {os.environ.pop(name)}, which is not there: left out")
    os.environ.update(as_uv())
    # Stronger than a pip.conf that says otherwise.
    os.environ.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    if not os.path.isdir(os.environ.get("TMPDIR", "/")):
        del os.environ["TMPDIR"]


def as_uv() -> dict[str, str]:
    """What the user's pip is set to, in uv's words; what uv itself is told is stronger."""
    found: dict[str, str] = {}
    for name, same in AS_UV.items():
        if value := os.environ.get(same) or os.environ.get(name) or in_pip_files(name):
            found.setdefault(same, value)
    # As pip does: every index is asked. What comes has the committed hash, wherever it is from.
    return {**found, "UV_INDEX_STRATEGY": "unsafe-best-match"}


def in_pip_files(name: str) -> str:
    """What the user's pip.conf files say of the option that pip also takes from `name`."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read([os.path.expanduser(os.path.expandvars(file)) for file in PIP_FILES], "utf-8")
    except (configparser.Error, UnicodeError):
        return ""
    option = name.removeprefix("PIP_").lower().replace("_", "-")
    found = [parser.get(part, option, fallback="") for part in ("install", "global")]
    return next(filter(None, found), "")


def install(venv: Path, requirements: Path) -> None:
    """Install exactly the pinned packages, their hashes checked, and the engine's own path."""
    uv = shutil.which("uv")
    if uv is None:
        with_pip(venv)
        uv = str(venv / "bin" / "uv")
        if not Path(uv).exists():
            pin = uv_pin(requirements, venv)
            run(venv / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps",
                "--require-hashes", "-r", pin)  # fmt: skip
            os.unlink(pin)
    elif not (venv / "bin" / "python").exists():
        run(uv, "venv", "-q", "--python", sys.executable, "--no-project", venv)
    # sync, not install: what is not in the file does not stay.
    os.environ["UV_COMPILE_BYTECODE"] = "1"
    # uv gives up on a file after 60 s, which a busy machine may need; with 0 it never would.
    os.environ["UV_COMPILE_BYTECODE_TIMEOUT"] = "600"
    if not os.access(os.path.expanduser("~"), os.W_OK):
        os.environ.setdefault("UV_CACHE_DIR", str(venv.parent / ".lab" / "cache" / "uv"))
    run(uv, "pip", "sync", "-q", "--no-config", "--require-hashes",
        "--python", venv / "bin" / "python", requirements)  # fmt: skip
    (packages,) = venv.glob("lib/python*/site-packages")
    # Relative, and so without the letters of a path: up to Python 3.12 they are read in the
    # locale's encoding, which may be ASCII.
    ours = os.path.relpath(Path(__file__).parent, packages)
    (packages / "mlops_lab.pth").write_text(f"{ours}\n", encoding="utf-8")


def with_pip(venv: Path) -> None:
    """An environment with pip in it; Debian keeps that part in a package of its own."""
    make = [sys.executable, "-m", "venv", str(venv)]
    if (venv / "bin" / "pip").exists():
        return
    done = subprocess.run(make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return
    if "ensurepip" not in done.stdout:
        sys.exit(f"lab: {' '.join(make)} failed\n{done.stdout}")
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"lab: needs Python's venv module: sudo apt-get install {package}")
    say(f"installing {package}")
    run("apt-get", "update", "-q", quiet=True)
    run("apt-get", "install", "-yq", package, quiet=True)
    run(*make)


def uv_pin(requirements: Path, venv: Path) -> str:
    """A file with uv's own pin, so that uv itself comes with its hash checked."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("uv=="))
    end = next(i for i in range(start, len(lines)) if not lines[i].endswith("\\"))
    pin = venv / "uv-pin.txt"
    pin.write_text("\n".join(lines[start : end + 1]) + "\n", encoding="utf-8")
    return str(pin)


def run(*command: "str | Path", quiet: bool = False) -> None:
    """Run a command; its failure ends the set-up with its own words and one of ours.

    What a quiet one says is shown only if it fails.
    """
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if quiet else {}
    done = subprocess.run([str(part) for part in command], text=True, **pipe)
    if done.returncode:
        print(done.stdout or "", file=sys.stderr, end="")
        network = [name for name in NETWORK if os.environ.get(name)]
        set_by_you = f"your environment sets {', '.join(network)}; " if network else ""
        sys.exit(f"lab: set-up failed at: {' '.join(map(str, command[:4]))} ...; {set_by_you}"
                 "nothing is half-done, run the same command again")  # fmt: skip


def say(message: str) -> None:
    """Tell the person who waits."""
    print(f"lab: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        say("interrupted; nothing is half-done, run the same command again")
        sys.exit(130)
