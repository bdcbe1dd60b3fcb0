"""Sources of Go modules, for the manifests in them: from the module proxy, checked by go.sum.

A module's zip is content that never changes; its sum is Go's own, the "h1" hash of
golang.org/x/mod/sumdb/dirhash: https://go.dev/ref/mod#go-sum-files
"""

import base64
import hashlib
import re
import shutil
import urllib.request
import zipfile
from pathlib import Path

from mlops_lab.core.errors import LabError
from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain import cache, go
from mlops_lab.toolchain.versions import Component


def source(component: Component) -> Path:
    """The folder with the component's source as released.

    Raises:
        LabError: the proxy cannot be reached, or what it sent is not what go.sum says.
    """
    name = f"modules/{component.name}-{component.version}-{cache.key(_sum(component))}"
    return cache.obtain(name, lambda path: _unpack(component, path))


def _sum(component: Component) -> str:
    text = (CLUSTER / "build" / component.name / "go.sum").read_text(encoding="utf-8")
    prefix = f"{component.module} {component.released} "
    for line in text.splitlines():
        if line.startswith(prefix):
            return line.removeprefix(prefix)
    raise LabError(f"build/{component.name}/go.sum has no sum of {prefix.strip()}")


def _unpack(component: Component, path: Path) -> None:
    escaped = re.sub("[A-Z]", lambda letter: "!" + letter[0].lower(), component.module)
    url = f"{_proxy()}/{escaped}/@v/{component.released}.zip"
    file = path.with_suffix(".zip")
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as answer, file.open("wb") as output:
            shutil.copyfileobj(answer, output)
    except OSError as error:
        raise LabError(f"cannot get {url}: {error}") from error
    if not zipfile.is_zipfile(file):
        raise LabError(f"{url}: what came is no zip")
    with zipfile.ZipFile(file) as archive:
        if (found := dirhash(archive)) != (wanted := _sum(component)):
            raise LabError(f"{url}: its sum is {found}, go.sum has {wanted}")
        inner = f"{component.module}@{component.released}"
        archive.extractall(path.parent / "all")
    (path.parent / "all" / inner).rename(path)


def _proxy() -> str:
    """The first proxy of GOPROXY.

    Commas and bars separate them: https://go.dev/ref/mod#environment-variables

    Raises:
        LabError: it names none.
    """
    setting = go.proxies()
    first = re.split("[,|]", setting)[0]
    if first in ("", "direct", "off"):
        raise LabError(f"GOPROXY={setting}: set it to a Go module proxy, such as {go.PROXY}")
    return first


def dirhash(archive: zipfile.ZipFile) -> str:
    """Go's "h1" sum of a module's zip."""
    lines = []
    for name in sorted(archive.namelist()):
        digest = hashlib.sha256(archive.read(name)).hexdigest()
        lines.append(f"{digest}  {name}\n")
    total = hashlib.sha256("".join(lines).encode()).digest()
    return "h1:" + base64.b64encode(total).decode()
