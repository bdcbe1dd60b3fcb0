"""The churn server's image: built by Docker where an engine answers, else by buildah, which needs
no daemon; from a base, wheels and a Dockerfile that are all pinned, without a network.
"""

import json
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from mlops_lab.cluster import state
from mlops_lab.cluster.images.archives import debian
from mlops_lab.cluster.images.builder import Builder
from mlops_lab.cluster.phases import Phase
from mlops_lab.core.paths import CLUSTER, LABS
from mlops_lab.core.process import attempt, run
from mlops_lab.toolchain import cache
from mlops_lab.toolchain.programs import program
from mlops_lab.toolchain.versions import document

FILES = LABS / "image"
# What kind-cluster/tools gives to labs.
TOOLS = ("aws", "cyclonedx-py", "hadolint")
# What a version of the image serves: version, and the model that is trained for it.
MODELS = {"1": "logistic", "2": "boosting"}
PROJECT = ("api.py", "train.py", "generate_data.py", "params.yaml")
# What old layers may fill, in bytes. The images in use need 3 GB, a day's work on them 45.
KEPT = 10 * 10**9
PACKAGES = "localhost/lab/churn-packages"


def reference(version: str) -> str:
    """The name under which the cluster pulls this version of the churn server."""
    return f"{document()['registry']}/mlops/churn:{version}"


def phases(builder: Builder, needs: tuple[str, ...]) -> list[Phase]:
    """What the labs need to build images, and the churn server's two images in the registry."""
    return [
        Phase("tools-env", "command line tools", (), _bin(TOOLS[0]).exists, _link_tools),
        Phase("kustomize", "kustomize", (), _bin("kustomize").exists, _link_kustomize),
        Phase("builder", "image builder", (), _path(builder).exists, lambda: _prepare(builder)),
        Phase(
            "churn",
            "churn server's images",
            ("builder", *needs),
            _is_pushed,
            lambda: _push(builder),
        ),
    ]


def _link_tools() -> None:
    """Install the tools in an environment of their own, and link them to where labs look."""
    lock = CLUSTER / "tools" / "requirements.txt"
    uv = str(Path(sys.executable).with_name("uv"))

    def make(path: Path) -> None:
        # Relocatable: it is moved into place when it is complete.
        run(uv, "venv", "--quiet", "--relocatable", "--no-config", str(path))
        own = ["--python", str(path / "bin" / "python"), "--require-hashes", "-r", str(lock)]
        run(uv, "pip", "install", "--quiet", "--no-config", *own)

    environment = cache.obtain(f"tools/{cache.key(lock, sys.version)}", make)
    for name in TOOLS:
        _link(name, environment / "bin" / name)


def _link_kustomize() -> None:
    """Put kustomize where labs find it: kubectl's own cannot edit."""
    _link("kustomize", program("kustomize"))


def _link(name: str, target: Path) -> None:
    """Let labs find `target` under this name, whatever the name led to before."""
    link = _bin(name)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def wheels() -> Path:
    """A folder with every wheel of labs/image/wheels.txt, for the Linux of the base.

    Raises:
        LabError: pip could not get one, or its hash is another.
    """
    lock = FILES / "wheels.txt"

    def make(path: Path) -> None:
        # An environment of its own: the lab's has no pip.
        own = path.parent / "pip"
        uv = Path(sys.executable).with_name("uv")
        run(uv, "venv", "--quiet", "--seed", "--no-config", str(own))
        platforms = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
        options = [f"--platform={platform}" for platform in platforms]
        options += ["--python-version=3.11", "--only-binary=:all:", "--no-deps", "--quiet"]
        pip = [str(own / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        run(*pip, "download", *options, "--require-hashes", "-d", str(path), "-r", str(lock))

    return cache.obtain(f"wheels/{cache.key(lock)}", make)


def _path(builder: Builder) -> Path:
    """Where labs find the program."""
    return _bin(builder.program)


def _bin(name: str) -> Path:
    return state.FOLDER / "bin" / name


def _prepare(builder: Builder) -> None:
    """Put the builder where labs find it, with the base and the wheels."""
    _link("wheels", wheels())
    if builder.program == "buildah":
        _wrap(builder)
        _tidy(builder)
        _import_base(builder)
        _name_packages(builder)
    else:
        _link(builder.program, Path(str(shutil.which(builder.program))))


def _wrap(builder: Builder) -> None:
    """buildah with a storage of its own, and with mounts that nobody else sees."""
    storage = _storage()
    storage.mkdir(parents=True, exist_ok=True)
    buildah = shutil.which("buildah")
    # Like Docker: a registry on this machine may speak plain HTTP.
    registries = state.FOLDER / "registries.conf"
    location = document()["registry"]
    registries.write_text(f'[[registry]]\nlocation = "{location}"\ninsecure = true\n')
    script = (
        "#!/bin/sh\n"
        f'export CONTAINERS_REGISTRIES_CONF="{registries}"\n'
        "export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=overlay BUILDAH_LAYERS=true\n"
        f'exec unshare --mount -- "{buildah}" --root "{storage}/root"'
        f' --runroot "{storage}/run" "$@"\n'
    )
    part = _path(builder).with_suffix(".part")
    part.write_text(script, encoding="utf-8")
    part.chmod(0o755)
    part.replace(_path(builder))


def _tidy(builder: Builder) -> None:
    """Remove the layers of former builds once they fill `KEPT`: they outlive clusters, and add up.

    The images that have a name stay. Builds that broke off leave containers, which hold layers.
    """
    if _size(_storage()) > KEPT:
        for command in (["rm", "--all"], ["rmi", "--prune"]):
            run(_path(builder), *command)


def _storage() -> Path:
    return cache.folder() / "builds"


def _size(folder: Path) -> int:
    """Bytes on the disk, of what du sees: a file may go while it looks."""
    du = ["du", "--summarize", "--block-size=1", str(folder)]
    return int(attempt(*du).stdout.split()[0])


def _import_base(builder: Builder) -> None:
    """Turn the Debian base into an image of the builder's."""
    archive = debian("python")
    name = f"{builder.base}-{archive.stem.rpartition('-')[2]}"
    if attempt(_path(builder), "inspect", name).returncode:
        script = 'c=$("$0" from scratch) && "$0" add --quiet "$c" "$1" / && '
        script += '"$0" commit --quiet --rm "$c" "$2" && "$0" tag "$2" "$3"'
        run("sh", "-c", script, str(_path(builder)), str(archive), name, builder.base)


def _name_packages(builder: Builder) -> None:
    """Name the stage with the packages, so that `_tidy` leaves it: every build begins with it."""
    options = [*_inputs(builder), "--target=build", f"--tag={PACKAGES}"]
    run(_path(builder), "build", *options, str(FILES))


def _inputs(builder: Builder) -> tuple[str, ...]:
    """What a build takes besides its folder."""
    return f"--build-context=wheels={wheels()}", f"--build-arg=BASE={builder.base}"


def _push(builder: Builder) -> None:
    for version in MODELS:
        name = reference(version)
        if builder.program == "buildah":
            archive = cache.obtain(_cached(version), partial(_archive, builder, version))
            copy = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false"]
            run(*copy, f"oci-archive:{archive}", f"docker://{name}")
        else:
            _build(builder, version)
            run(builder.program, "push", "--quiet", name)
    _pushed().write_text(_keys(), encoding="utf-8")


def _pushed() -> Path:
    """Says which images are in the registry: a cluster that is up may get newer ones."""
    return state.FOLDER / "pushed"


def _keys() -> str:
    return " ".join(map(_cached, MODELS))


def _is_pushed() -> bool:
    return _pushed().exists() and _pushed().read_text(encoding="utf-8") == _keys()


def _cached(version: str) -> str:
    files = [*sorted(FILES.iterdir()), *(LABS / "churn" / name for name in PROJECT)]
    base = json.dumps(document()["bases"]["python"])
    return f"images/churn-{version}-{cache.key(version, base, *files)}.oci"


def _archive(builder: Builder, version: str, path: Path) -> None:
    _build(builder, version)
    name = reference(version)
    run(_path(builder), "push", "--quiet", name, f"oci-archive:{path}:{name}")


def _build(builder: Builder, version: str) -> None:
    """Train the version's model and build its image."""
    program = str(_path(builder))
    with tempfile.TemporaryDirectory(prefix="lab-churn-") as scratch:
        folder = Path(scratch)
        for name in PROJECT:
            shutil.copy(LABS / "churn" / name, folder)
        params = folder / "params.yaml"
        text = params.read_text(encoding="utf-8")
        params.write_text(text.replace("model: logistic", f"model: {MODELS[version]}"))
        for script in ("generate_data.py", "train.py"):
            run(sys.executable, script, folder=folder, env={"OMP_NUM_THREADS": "1"})
        for file in FILES.iterdir():
            shutil.copy(file, folder)
        run(program, "build", *_inputs(builder), "--tag", reference(version), ".", folder=folder)
