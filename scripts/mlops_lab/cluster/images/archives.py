"""Images without a registry: a static program, or a small Debian with something on it, as a
docker-archive.

The format: https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md
"""

import hashlib
import io
import json
import os
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_lab.core.paths import CLUSTER
from mlops_lab.core.process import run
from mlops_lab.toolchain import cache
from mlops_lab.toolchain.modules import source
from mlops_lab.toolchain.programs import program
from mlops_lab.toolchain.versions import Component, components, document

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def archives() -> list[Path]:
    """The archives of all images that the cluster needs, ready for `ctr images import`."""
    wanted = [c for c in components().values() if c.image and not c.labs]
    found = [archive_of(component) for component in wanted if not component.base]
    for base in sorted({component.base for component in wanted if component.base}):
        found.append(_archive(base, [c for c in wanted if c.base == base], base))
    return found


def archive_of(component: Component) -> Path:
    """The archive of one image that has no base."""
    return _archive(component.name, [component])


def _archive(name: str, built: Sequence[Component], base: str = "") -> Path:
    parts: list[str | Path] = [json.dumps(document()["bases"].get(base)), Path(__file__)]
    for component in built:
        parts += [repr(component), *map(str, _content(component).values())]
        parts += [CLUSTER / component.packages] if component.packages else []
    file = f"images/{name}-{cache.key(*parts)}.tar"
    return cache.obtain(file, lambda path: _write(path, built, base))


def _content(component: Component) -> dict[str, Path]:
    """The image's files: path in the image, file here."""
    found = {component.at: program(component.name)} if component.at else {}
    found |= {path: program(name) for path, name in component.beside.items()}
    if component.files:
        module = source(components()[component.of] if component.of else component)
        found |= {path: module / name for path, name in component.files.items()}
    return found


def _write(path: Path, built: Sequence[Component], base: str) -> None:
    manifest = []
    with tarfile.open(path, "w") as archive:
        below = [_add_layer(archive, debian(base))] if base else []
        if base:
            reference = f"lab/{base}:{document()['bases'][base]['suite']}"
            manifest.append(_add_image(archive, reference, below, {"Cmd": ["bash"]}))
        for component in built:
            layer = path.with_name(component.name)
            _layer(layer, component)
            names = [*below, *_packages(archive, component), _add_layer(archive, layer)]
            start = list(component.entrypoint) or [component.at]
            config = {"User": component.user, "Entrypoint": start}
            manifest.append(_add_image(archive, component.reference, names, config))
        _add(archive, "manifest.json", json.dumps(manifest).encode())


def _packages(archive: tarfile.TarFile, component: Component) -> list[str]:
    """The layer of the component's Python packages, where Debian's python3 finds them."""
    if not component.packages:
        return []
    lock = CLUSTER / component.packages
    layer = cache.obtain(f"packages/{cache.key(lock)}.tar", lambda path: _install(lock, path))
    return [_add_layer(archive, layer)]


def _install(lock: Path, path: Path) -> None:
    folder = path.with_name("installed")
    command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet"]
    command += ["--no-config", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    # Whatever Python runs this, the packages are for the base's.
    command += ["--python-version=3.11", f"--target={folder}", "-r", str(lock)]
    run(*command)
    with tarfile.open(path, "w") as layer:
        layer.add(folder, "usr/local/lib/python3.11/dist-packages", filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same content makes the same layer, whoever builds it and when."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def bases_are_cached() -> bool:
    """Whether `debian` would return at once for every base."""
    return all((cache.folder() / _debian(base)).exists() for base in document()["bases"])


def _debian(base: str) -> str:
    return f"bases/{base}-{cache.key(json.dumps(document()['bases'][base]))}.tar"


def debian(base: str) -> Path:
    """A minimal Debian with the base's packages, as a tar."""
    wanted = document()["bases"][base]

    def make(path: Path) -> None:
        packages = ",".join(wanted["packages"])
        command = ["mmdebstrap", "--variant=minbase", f"--include={packages}", wanted["suite"]]
        run(*command, *TRIM, path)

    return cache.obtain(_debian(base), make)


# What apt and dpkg keep for later is of no use in an image.
TRIM = (
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--customize-hook=rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt/*",
)


def _layer(path: Path, component: Component) -> None:
    """A layer with the component's files."""
    with tarfile.open(path, "w") as layer:
        for name, file in _content(component).items():
            _add_file(layer, name.lstrip("/"), file)
        for link in component.links:
            entry = tarfile.TarInfo(link.lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, component.at
            layer.addfile(entry)
        tmp = tarfile.TarInfo("tmp")
        tmp.type, tmp.mode = tarfile.DIRTYPE, 0o1777
        layer.addfile(tmp)


def _add_file(archive: tarfile.TarFile, name: str, file: Path) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = file.stat().st_size, 0o755
    with file.open("rb") as content:
        archive.addfile(entry, content)


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _add_layer(archive: tarfile.TarFile, layer: Path) -> str:
    """Add a layer under its digest, once, and return the digest."""
    with layer.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if f"{digest}.tar" not in archive.getnames():
        archive.add(layer, f"{digest}.tar")
    return digest


def _add_image(
    archive: tarfile.TarFile, reference: str, layers: Sequence[str], config: dict[str, Any]
) -> dict[str, Any]:
    """Add an image's configuration and return its entry in the manifest."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    document = {
        "architecture": ARCHITECTURE,
        "os": "linux",
        "config": {"Env": [f"PATH={path}"], **config},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in layers]},
    }
    content = json.dumps(document).encode()
    name = f"{hashlib.sha256(content).hexdigest()}.json"
    _add(archive, name, content)
    return {"Config": name, "RepoTags": [reference], "Layers": [f"{d}.tar" for d in layers]}
