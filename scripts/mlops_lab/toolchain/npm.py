"""npm packages without Node.js: from the registry that npm's own settings name.

A package's archive is content that never changes; its sum is what npm's lock files have, in
the form of Subresource Integrity: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#packages
"""

import base64
import hashlib
import io
import os
import re
import tarfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from mlops_lab.core.errors import LabError
from mlops_lab.core.waiting import ANSWER_LIMIT
from mlops_lab.toolchain import cache
from mlops_lab.toolchain.versions import Component, component

REGISTRY = "https://registry.npmjs.org/"
# Python 3.11.4 and later; Debian 12 has an older one, and the sum says what is in the archive.
SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
SETTING = re.compile(r"^\s*registry\s*=\s*[\"']?([^\s\"']+)", re.MULTILINE)


def package(name: str) -> Path:
    """The folder of the component's package as released, from the cache or got now.

    Raises:
        LabError: the registry cannot be reached, or what it sent is not what versions.yaml says.
    """
    wanted = component(name)
    key = cache.key(wanted.integrity)
    return cache.obtain(f"npm/{name}-{wanted.version}-{key}", lambda path: _unpack(wanted, path))


def _unpack(wanted: Component, path: Path) -> None:
    url = f"{registry().rstrip('/')}/{wanted.name}/-/{wanted.name}-{wanted.version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_LIMIT) as answer:
            archive = answer.read()
    except (OSError, ValueError, HTTPException) as error:
        raise LabError(f"cannot get {url}: {error}") from error
    if (found := integrity(archive)) != wanted.integrity:
        raise LabError(f"{url}: its sum is {found}, versions.yaml has {wanted.integrity}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(path.parent / "all", **SAFELY)
    (path.parent / "all" / "package").rename(path)


def integrity(archive: bytes) -> str:
    """npm's sum of a package's archive."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def registry() -> str:
    """Where npm gets packages: its variable, which may be written in capitals, or the user's file.

    https://docs.npmjs.com/cli/v11/configuring-npm/npmrc
    """
    settings = {name.lower(): value for name, value in os.environ.items() if value}
    if chosen := settings.get("npm_config_registry"):
        return chosen
    file = Path(settings.get("npm_config_userconfig") or Path.home() / ".npmrc")
    try:
        found = SETTING.findall(file.read_text(encoding="utf-8"))
    except OSError:
        found = []
    return os.path.expandvars(found[-1]) if found else REGISTRY
