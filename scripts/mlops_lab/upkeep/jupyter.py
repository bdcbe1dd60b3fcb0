"""JupyterLab on a lab, for a person."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mlops_lab.book import assemble, exercises, notebooks
from mlops_lab.book.plain import markdown
from mlops_lab.core.paths import BOOK, ROOT, STATE
from mlops_lab.core.waiting import ANSWER_LIMIT
from mlops_lab.lab.catalog import Spec, select
from mlops_lab.upkeep import background

OPEN = STATE / "open"
OPTIONS = (
    "--ip=127.0.0.1",
    "--ServerApp.log_level=WARN",
    # Offline is the normal case: look for no update, no news and no extensions.
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
# Defaults, which the user's own settings go before: ask nobody for news, and show the book's pages
# as pages. https://jupyterlab.readthedocs.io/en/stable/user/directories.html#labconfig-directories
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
}


def open_lab(spec: Spec, *, browser: bool, port: int) -> int:
    """Run JupyterLab on a reader's copy of the notebook until it ends; returns its exit status.

    The committed notebook stays as it is, so that nothing a reader tries shows up as a change.
    """
    # This process keeps what is the person's (`environment.PERSON`): JupyterLab has the user's
    # settings. What must be masked is the kernel, and `Lab` does that.
    was_up = spec.stem in background.alive()
    background.up(spec)
    background.show([spec.stem])
    copies(OPEN)
    copy = OPEN / "notebooks" / spec.path.name
    print(f"your copy: {copy.relative_to(ROOT)} (delete it to start afresh)", flush=True)
    command = [sys.executable, "-P", "-m", "jupyterlab", *OPTIONS, f"--port={port}"]
    page = copy.relative_to(OPEN)
    command += [f"--ServerApp.root_dir={OPEN}", f"--LabApp.default_url=/lab/tree/{page}"]
    command += [] if browser else ["--no-browser"]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    jupyter = subprocess.Popen(command, env={**os.environ, "JUPYTER_CONFIG_PATH": _settings()})
    try:
        return jupyter.wait()
    finally:
        # The same Ctrl-C has reached JupyterLab, which would now ask for confirmation.
        jupyter.send_signal(signal.SIGTERM)
        try:
            jupyter.wait(ANSWER_LIMIT)
        except subprocess.TimeoutExpired:
            jupyter.kill()
        if not was_up:
            background.down(spec.stem)


def copies(root: Path) -> None:
    """Write a reader's copy of every lab, and the book beside them, so that links lead there.

    A copy of a lab that is there stays as it is.
    """
    specs = select(None)
    (root / "notebooks").mkdir(parents=True, exist_ok=True)
    for spec in specs:
        if not (copy := root / "notebooks" / spec.path.name).exists():
            notebook = notebooks.read(spec.path)
            exercises.reader_copy(notebook)
            notebooks.write(copy, notebook)
    if BOOK.is_dir():
        shutil.copytree(BOOK, root / "book", dirs_exist_ok=True)
        pages = {
            path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
            for path in BOOK.rglob("*.md")
        }
        pages |= assemble.generated(specs)
        for name, text in pages.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            plain = markdown(text, partial(_title, pages, Path(name).parent))
            (root / name).write_text(plain, encoding="utf-8")


def _title(pages: Mapping[str, str], folder: Path, link: str) -> str:
    """The title of the page to which a link from `folder` leads; the link itself for others."""
    name = os.path.normpath(folder / link)
    return pages.get(name, f"# {link}").partition("# ")[2].partition("\n")[0]


def _settings() -> str:
    """Where JupyterLab looks for settings: the user's places, and ours."""
    folder = STATE / "jupyter-settings"
    file = folder / "labconfig" / "default_setting_overrides.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(SETTINGS), encoding="utf-8")
    users = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.pathsep.join(filter(None, [users, str(folder)]))
