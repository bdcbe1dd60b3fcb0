"""The git side of a runner: commits, what changed, and checkouts to run in."""

import shutil
import threading
import weakref
from pathlib import Path

from mlops_lab.core import scratch
from mlops_lab.core.process import run

NOTHING = "0" * 40  # what GitHub says a branch was before its first push


class Repository:
    """A repository in `folder`, which is only read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._scratch = scratch.folder()
        self._lock = threading.Lock()
        weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """What git answers.

        Raises:
            LabError: it fails; its words are in the message.
        """
        return run("git", "-C", folder or self.folder, *arguments).strip()

    def message(self, revision: str) -> str:
        """A commit's message."""
        return self.git("log", "-1", "--format=%B", revision)

    def changed(self, before: str, after: str) -> tuple[str, ...]:
        """The files that differ; all of them if there was nothing before."""
        if before == NOTHING:
            return tuple(self.git("ls-tree", "-r", "--name-only", after).splitlines())
        return tuple(self.git("diff", "--name-only", before, after).splitlines())

    def checkout(self, ref: str, sha: str) -> Path:
        """A clone at the commit, on its branch if `ref` is one; made once for each.

        Its ``origin`` is the folder's, or the folder itself if that has none.
        """
        with self._lock:
            path = self._scratch / f"{ref.replace('/', '-')}-{sha}"
            if not path.exists():
                self._clone(path)
                branch = ref.removeprefix("refs/heads/")
                place = ["--detach"] if branch == ref else ["-B", branch]
                self.git("checkout", "--quiet", *place, sha, folder=path)
            return path

    def _clone(self, path: Path) -> None:
        self.git("clone", "--quiet", "--no-hardlinks", str(self.folder), str(path))
        if "origin" in self.git("remote").split():
            url = self.git("remote", "get-url", "origin")
            self.git("remote", "set-url", "origin", url, folder=path)
