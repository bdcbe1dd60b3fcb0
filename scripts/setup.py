"""Make .venv from requirements.txt, with nothing but the standard library.

Usage: setup.py VENV REQUIREMENTS. A copy of the requirements is put into the environment last:
where it is missing, the environment is half-made and is made anew.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Set up under a lock that a killed set-up cannot keep."""
    venv, requirements = Path(sys.argv[1]), Path(sys.argv[2])
    with open(f"{venv}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = venv / "requirements.txt"
        if mark.exists() and mark.read_bytes() == requirements.read_bytes():
            return  # another first call was quicker
        say(f"setting up {venv.name} (about a minute, more with an empty package cache)")
        if mark.exists():
            mark.unlink()
        else:
            shutil.rmtree(venv, ignore_errors=True)
        install(venv, requirements)
        shutil.copyfile(requirements, f"{mark}.part")
        os.replace(f"{mark}.part", mark)


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
    if not os.access(Path.home(), os.W_OK):
        os.environ.setdefault("UV_CACHE_DIR", str(venv.parent / ".lab" / "cache" / "uv"))
    run(uv, "pip", "sync", "-q", "--no-config", "--require-hashes",
        "--python", venv / "bin" / "python", requirements)  # fmt: skip
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "mlops_lab.pth").write_text(f"{Path(__file__).parent}\n", encoding="utf-8")


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
        sys.exit(f"lab: set-up failed at: {' '.join(map(str, command[:4]))} ...; "
                 "nothing is half-done, run the same command again")  # fmt: skip


def say(message: str) -> None:
    """Tell the person who waits."""
    print(f"lab: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
