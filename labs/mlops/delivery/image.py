"""Build the server's image around the trained model, and push it by digest."""

import shutil
import sys
import tempfile
from pathlib import Path

from delivery.model import model_md5
from delivery.shell import call, need, output

CONTENT = ("api.py", "train.py", "params.yaml", "models")


def name() -> str:
    """The image's name with the commit as its tag: a label for people, never deployed."""
    return f"{need('REGISTRY')}/{need('ECR_REPOSITORY')}:{need('REVISION')[:12]}"


def build() -> None:
    """Build from image/Dockerfile and only the files that serving needs."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for path in CONTENT:
            copy = shutil.copytree if Path(path).is_dir() else shutil.copy
            copy(path, folder / path)
        shutil.copytree("image", folder, dirs_exist_ok=True)
        labels = {"org.opencontainers.image.revision": need("REVISION"), "model": model_md5()}
        options = [f"--label={key}={value}" for key, value in labels.items()]
        options += [f"--build-context=wheels={need('WHEELS')}", f"--build-arg=BASE={need('BASE')}"]
        call(need("BUILDER"), "build", "--quiet", *options, "--tag", name(), folder)
    print(f"built {name()}")


def push() -> None:
    """Push it and make the reference by digest the step's output: what was built, is deployed."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "digest"
        if Path(need("BUILDER")).name == "buildah":
            call(need("BUILDER"), "push", "--quiet", f"--digestfile={file}", name())
            digest = file.read_text(encoding="utf-8").strip()
        else:
            call(need("BUILDER"), "push", "--quiet", name())
            form = "{{index .RepoDigests 0}}"
            digest = call(need("BUILDER"), "inspect", "--format", form, name()).rpartition("@")[2]
    output(image=f"{name().rpartition(':')[0]}@{digest}")


if __name__ == "__main__":
    {"build": build, "push": push}[sys.argv[1]]()
