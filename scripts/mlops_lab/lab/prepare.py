"""What earlier labs would have left behind, so that any lab can be the first one you open."""

import json
import os
import shlex
import shutil
import sys
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_lab.core import loopback
from mlops_lab.core.paths import CLUSTER, LABS, ROOT
from mlops_lab.core.process import run
from mlops_lab.core.waiting import LIMIT
from mlops_lab.toolchain import cache, modules, programs
from mlops_lab.toolchain.versions import component

# Takes the lab's name, its folder, and the variables of its services.
Step = Callable[[str, Path, Mapping[str, str]], None]

# What somebody who ran the project in its own folder has left there.
MADE = (
    "__pycache__", ".pytest_cache", "data", "models", "dvc.lock",
    "mlflow.db", "mlruns", "mlartifacts",
)  # fmt: skip
# What the pipelines replace: the image is built from image/, the manifest is in another repository.
REPLACED = ".github Dockerfile k8s"
# What of labs/image only lab 06 needs.
LAB_06 = ("Dockerfile.naive", "wheels.*", "*.in")


def project(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The churn project, as handed over, in ``churn/``."""
    shutil.copytree(LABS / "churn", folder / "churn", ignore=_made)


def _made(folder: str, names: list[str]) -> set[str]:
    """What was not handed over; also a folder that has nothing else, left by an older version."""
    folders = {name: path for name in names if (path := Path(folder, name)).is_dir()}
    return {*MADE, *(name for name, path in folders.items() if {*os.listdir(path)} <= {*MADE})}


def repository(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The project as a git repository with one commit."""
    project(name, folder, exports)
    _run(
        folder / "churn",
        "git init --quiet",
        "git add .",
        "git commit --quiet -m 'Churn model, as handed over'",
    )


def pipeline(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The repository with labs/mlops laid over it in a second commit, and ``origin.git`` beside.

    The workflow from before is in ``naive/``, the policies of the pipelines' roles in ``roles/``.
    """
    repository(name, folder, exports)
    churn = folder / "churn"
    shutil.copytree(churn / ".github", folder / "naive" / ".github")
    _run(churn, f"git rm -r --quiet {REPLACED}")
    unused = shutil.ignore_patterns(*LAB_06)
    shutil.copytree(LABS / "mlops", churn, ignore=_made, dirs_exist_ok=True)
    shutil.copytree(LABS / "image", churn / "image", ignore=unused)
    shutil.copytree(LABS / "roles", folder / "roles")
    _run(
        churn,
        "dvc init",
        "git add .",
        "git commit --quiet -m 'Pipelines, laid over it'",
        "git init --quiet --bare ../origin.git",
        f"git remote add origin {shlex.quote(str(folder))}/origin.git",
        "git push --quiet --set-upstream origin main",
    )


def champion(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """A trained model in the registry, with the alias ``champion``."""
    repository(name, folder, exports)
    _run(
        folder / "churn",
        "python generate_data.py",
        f"python train.py --experiment {name} --register {name}",
    )
    set_alias(exports["MLFLOW_TRACKING_URI"], name, "champion", version=1)


def models(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The project with its data and two models, in ``models/1`` and ``models/2``.

    They are what the images of the churn server were built with.
    """
    project(name, folder, exports)
    _train(
        folder / "churn",
        "python generate_data.py",
        "python train.py --out models/1",
        "sed -i.bak 's/model: logistic/model: boosting/' params.yaml",
        "python train.py --out models/2",
    )


def model(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The project with its data and a trained model, in ``models``."""
    project(name, folder, exports)
    _train(folder / "churn", "python generate_data.py", "python train.py")


def serving(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The manifests of labs/serving, in ``serving/``."""
    shutil.copytree(LABS / "serving", start_folder(folder) / "serving")


def trained(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The project as a repository, with data and a model, and the files of labs/image beside."""
    repository(name, folder, exports)
    _train(folder / "churn", "python generate_data.py", "python train.py")
    shutil.copytree(LABS / "image", folder / "image")


def gitops(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The configuration repository in ``config/``, with one commit."""
    shutil.copytree(LABS / "gitops", folder / "config")
    _run(folder / "config", "git init --quiet", "git add .", "git commit --quiet -m 'Begin'")


def monitoring(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The files of labs/monitoring, in ``monitoring/``."""
    shutil.copytree(LABS / "monitoring", folder / "monitoring")


def panels(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The page that draws Grafana's dashboards, in ``panels/`` of the monitoring folder."""
    shutil.copytree(programs.program("grafana-panels"), start_folder(folder) / "panels")


def operator(name: str, folder: Path, exports: Mapping[str, str]) -> None:
    """The released manifests of the Prometheus Operator, and a stand-in for Slack in a cluster.

    Both are in ``operator/`` of the monitoring folder. Without a cluster nobody needs them.
    """
    if "KUBECONFIG" not in exports:
        return
    example = modules.source(component(SOURCES["operator"])) / "example"
    into = start_folder(folder) / "operator"
    shutil.copytree(example / "prometheus-operator-crd", into / "release" / "crds")
    shutil.copytree(example / "rbac" / "prometheus-operator", into / "release" / "rbac")
    shutil.copy(CLUSTER / "platform" / "lab-services" / "receiver.py", into / "slack.py")


def set_alias(server: str, model: str, alias: str, version: int) -> None:
    """Point an alias at a version by MLflow's REST call: quicker than importing its client."""
    url = f"{server}/api/2.0/mlflow/registered-models/alias"
    body = json.dumps({"name": model, "alias": alias, "version": str(version)}).encode()
    loopback.ask(
        urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=LIMIT
    ).close()


def start_folder(folder: Path) -> Path:
    """Where a notebook begins: where it works, if what it works on is a folder."""
    inside = (folder / name for name in ("monitoring", "churn", "config"))
    return next((path for path in inside if path.is_dir()), folder)


def _train(folder: Path, *commands: str) -> None:
    """Run the project's commands in `folder`, or take what they made of the same files before."""

    def make(path: Path) -> None:
        shutil.copytree(folder, path, ignore=shutil.ignore_patterns(".git"))
        _run(path, *commands)

    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts
    )
    named = [part for path in files for part in (str(path.relative_to(folder)), path)]
    key = cache.key(*commands, sys.version, ROOT / "requirements.txt", *named)
    made = cache.obtain(f"trained/{key}", make)
    shutil.copytree(made, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _run(folder: Path, *commands: str) -> None:
    for command in commands:
        run(*shlex.split(command), folder=folder)


# The components whose sources a step copies from, on a cluster.
SOURCES = {"operator": "prometheus-operator"}
STEPS: dict[str, Step] = {
    "project": project,
    "repository": repository,
    "pipeline": pipeline,
    "champion": champion,
    "model": model,
    "models": models,
    "serving": serving,
    "trained": trained,
    "gitops": gitops,
    "monitoring": monitoring,
    "panels": panels,
    "operator": operator,
}
