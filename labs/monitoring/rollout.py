"""Serve what the registry calls champion, and follow it: `python rollout.py PORT MODEL`.

As Argo CD does, it compares what shall run with what runs. It stands in for the delivery of lab 09,
for one process: there is no image, and no second copy that is ready before the first one ends. What
it started is in `rollouts.txt`. Run it with ../churn on PYTHONPATH.
"""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion

REGISTRY = mlflow.MlflowClient()
BATCH, TRAINING = Path("batch.csv"), Path("../churn/data/churn.csv")


def fetched(wanted: ModelVersion) -> Path:
    """The folder of the version: its model, and what is expected of it in the newest world."""
    folder = Path("served", wanted.version)
    if not (folder / "reference.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        uri = f"models:/{wanted.name}/{wanted.version}"
        mlflow.artifacts.download_artifacts(uri, dst_path=str(folder))
        promised = str(REGISTRY.get_run(wanted.run_id).data.metrics["accuracy"])
        world = BATCH if BATCH.exists() else TRAINING
        command = [sys.executable, "reference.py", world, folder, promised]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        (folder / "reference.json").write_text(done.stdout)
    return folder


def next_one(model: str, runs: str) -> Path | None:
    """The folder of the champion, if another one runs. If it cannot be had, what runs stays."""
    try:
        wanted = REGISTRY.get_model_version_by_alias(model, "champion")
        return None if wanted.version == runs else fetched(wanted)
    except (mlflow.MlflowException, OSError, LookupError, subprocess.CalledProcessError) as error:
        if not runs:
            raise
        print(f"version {runs} stays: {error}", file=sys.stderr)
        return None


def serve(folder: Path, port: str) -> subprocess.Popen:
    """Start the server with this model, and note it."""
    shutil.copy(folder / "reference.json", "reference.json")
    command = ["watched.py", "--model_dir", folder, "--http_port", port]
    server = subprocess.Popen([sys.executable, *command])
    with Path("rollouts.txt").open("a") as file:
        file.write(f"{time.time():.1f} version {folder.name}\n")
    return server


def end(server: subprocess.Popen | None) -> None:
    """Stop what is served, if anything is; the port is free then."""
    if server is not None:
        server.terminate()
        server.wait()


def main(port: str, model: str) -> None:
    """Look every second whether the alias names what runs."""
    runs, server = "", None
    try:
        while server is None or server.poll() is None:
            if folder := next_one(model, runs):
                end(server)
                runs, server = folder.name, serve(folder, port)
            time.sleep(1)
        sys.exit(f"the server of version {runs} has ended")
    finally:
        end(server)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    main(*sys.argv[1:])
