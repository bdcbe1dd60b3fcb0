"""Scan the repository without a network: secrets, Python code, Dockerfile.

`trivy fs` looks for secrets and for misconfigured files such as a Dockerfile, too, and for known
vulnerabilities in dependencies, whose database is fetched from a network.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from delivery.shell import call

# A content hash looks like a key to this plugin, and a repository with DVC is full of them.
UNWANTED_PLUGIN = "HexHighEntropyString"
# B310: the addresses come from the workflow's configuration. B324: md5 names content, as in DVC.
UNWANTED_TESTS = "B310,B324"


def _output(*command: str) -> str:
    # These tools use the status to say that they found something; what they found is in the output.
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout.strip():
        raise SystemExit(f"{command[0]} said nothing: {done.stderr.strip()}")
    return done.stdout


def secrets(files: list[str]) -> list[str]:
    """Look for keys, tokens and passwords in every file that git tracks."""
    # A lock file is full of hashes, which look like secrets and are not.
    files = [name for name in files if "--hash=sha256:" not in Path(name).read_text("utf-8")]
    scan = ["detect-secrets", "scan", "--no-verify", "--disable-plugin", UNWANTED_PLUGIN]
    found = json.loads(_output(*scan, *files))["results"]
    return [
        f"{name}:{one['line_number']}: {one['type']}"
        for name, all_ in found.items()
        for one in all_
    ]


def code(files: list[str]) -> list[str]:
    """Look for dangerous calls in the project's own Python, tests aside."""
    wanted = [name for name in files if name.endswith(".py") and not name.startswith("tests/")]
    wanted = [name for name in wanted if name != "conftest.py"]
    # -ll, medium and above: assert statements and subprocess calls without a shell are fine here.
    scan = ["bandit", "--quiet", "--format", "json", "-ll", "--skip", UNWANTED_TESTS]
    report = json.loads(_output(*scan, *wanted))
    if report["errors"]:
        raise SystemExit(f"bandit could not read {report['errors'][0]['filename']}")
    return [
        f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        for one in report["results"]
    ]


def dockerfiles(files: list[str]) -> list[str]:
    """Look for bad habits in Dockerfiles."""
    wanted = [name for name in files if Path(name).name == "Dockerfile"]
    report = json.loads(_output("hadolint", "--format", "json", *wanted)) if wanted else []
    return [f"{one['file']}:{one['line']}: {one['code']} {one['message']}" for one in report]


SCANS: tuple[Callable[[list[str]], list[str]], ...] = (secrets, code, dockerfiles)


def main() -> int:
    """Print every finding; the status is 1 if there is one."""
    files = call("git", "ls-files").splitlines()
    found = [line for scan in SCANS for line in scan(files)]
    print("\n".join(found) or f"nothing found in {len(files)} files")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
