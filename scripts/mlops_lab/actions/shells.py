"""Shells for act's steps that end only when act has logged their last line.

act 0.2.89 in host mode does not read the rest of a step's terminal when the step fails (``exec`` in
its pkg/container/host_environment.go returns before it has waited for ``logctx``): about three
steps in a hundred lose what they said last, which is why they failed. So these stand before the
real shells. When one fails, it says a number in a way that no program does, and waits until the
number has come back through act's log.
"""

import contextlib
import os
import re
import shutil
from pathlib import Path

SHELLS = ("bash", "sh")
# The number is said in control characters: act replaces secrets in what it logs, and "1" may be
# one. In JSON they are \u0010 to \u0019, so that a digit ends each of them.
SAID = re.compile(r"\\u001e((?:\\u001\d)+)\\u001e")
TEXT = r"""#!/bin/sh
before=${PATH%%FOLDER:*} after=${PATH#*FOLDER:}
PATH=$before$after
SHELL_ITSELF "$@"
code=$?
if [ $code -ne 0 ] && mkfifo "FOLDER/$$"; then
  # Opened for both, so that nobody waits for the other end.
  exec 3<> "FOLDER/$$"
  printf '\n\036%s\036\n' "$(printf %s $$ | tr 0-9 '\020-\031')"
  read -r _ <&3
fi
exit $code
"""


class Shells:
    """The shells, as files in a folder that comes first on the PATH of a run's steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in SHELLS:
            if itself := shutil.which(name):
                text = TEXT.replace("FOLDER", str(folder)).replace("SHELL_ITSELF", itself)
                (folder / name).write_text(text, encoding="utf-8")
                (folder / name).chmod(0o755)

    def heard(self, line: str) -> str:
        """A line of act's log without the number, whose shell may end now."""
        for said in SAID.findall(line):
            # A shell that was killed meanwhile waits for nothing.
            with contextlib.suppress(OSError):
                fifo = os.open(
                    self.folder / said.replace(r"\u001", ""), os.O_WRONLY | os.O_NONBLOCK
                )
                os.write(fifo, b"\n")
                os.close(fifo)
        return SAID.sub("", line)
