"""JupyterLab on a lab, for a person."""

import os
import shutil
import signal
import subprocess
import sys
from typing import Any

from mlops_lab.book import diagrams, exercises, notebooks
from mlops_lab.core.paths import ROOT, STATE
from mlops_lab.lab.catalog import Spec
from mlops_lab.upkeep import background

OPEN = STATE / "open"
OPTIONS = (
    "--ip=127.0.0.1",
    "--ServerApp.log_level=WARN",
    # Offline is the normal case: look for no update, no news and no extensions.
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


def open_lab(spec: Spec, *, browser: bool, port: int) -> int:
    """Run JupyterLab on a reader's copy of the notebook until it ends; returns its exit status.

    The committed notebook stays as it is, so that nothing a reader tries shows up as a change.
    """
    # This process keeps what is the person's (`environment.PERSON`): JupyterLab has the user's
    # settings. What must be masked is the kernel, and `Lab` does that.
    was_up = spec.stem in background.alive()
    background.up(spec)
    background.show([spec.stem])
    copy = OPEN / spec.path.name
    if not copy.exists():
        OPEN.mkdir(parents=True, exist_ok=True)
        if diagrams.FOLDER.is_dir():
            shutil.copytree(diagrams.FOLDER, OPEN / diagrams.FOLDER.name, dirs_exist_ok=True)
        notebooks.write(copy, _reader_copy(spec))
    print(f"your copy: {copy.relative_to(ROOT)} (delete it to start afresh)", flush=True)
    command = [sys.executable, "-P", "-m", "jupyterlab", *OPTIONS, f"--port={port}"]
    command += [f"--ServerApp.root_dir={OPEN}", f"--LabApp.default_url=/lab/tree/{copy.name}"]
    command += [] if browser else ["--no-browser"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    jupyter = subprocess.Popen(command)
    try:
        return jupyter.wait()
    finally:
        # The same Ctrl-C has reached JupyterLab, which would now ask for confirmation.
        jupyter.send_signal(signal.SIGTERM)
        jupyter.wait()
        if not was_up:
            background.down(spec.stem)


def _reader_copy(spec: Spec) -> Any:
    """The notebook with its exercises unsolved, and diagrams where JupyterLab may read them."""
    notebook = notebooks.read(spec.path)
    exercises.reader_copy(notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("](../book/diagrams/", "](diagrams/")
    return notebook
