"""A failed cell in as few lines as a person needs."""

import re
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from mlops_lab.core.text import plain

# A frame of a traceback as IPython writes it: "File path:line, in f(x)" or "Cell In[3], line 1".
FRAME = re.compile(r"^(?=(?:File |Cell In))", re.MULTILINE)
STATUS = re.compile(r"non-zero exit status (\d+)")
LINES = 20  # of the cell's own output


def explain(error: Exception, cell: Any) -> str:
    """The cell, the end of what it printed, and the error without the frames of libraries."""
    return "\n".join([*_quoted(cell.source.splitlines()), *_printed(cell), reason(error)])


def _quoted(lines: list[str]) -> list[str]:
    return [f"  > {line}" for line in lines]


def _printed(cell: Any) -> list[str]:
    streams = [o.text for o in cell.outputs if o.output_type == "stream"]
    return [f"  {line}" for line in plain("".join(streams)).splitlines()[-LINES:]]


def reason(error: Exception) -> str:
    """What went wrong, without the frames of libraries."""
    if isinstance(error, CellTimeoutError):
        return "the cell did not end within its time limit"
    # jupyter_client has no class of its own for a kernel that dies as it starts.
    if isinstance(error, DeadKernelError) or str(error).startswith("Kernel died"):
        return "the kernel died (killed, or out of memory)"
    if not isinstance(error, CellExecutionError):
        return f"{type(error).__name__}: {error}"
    if error.ename == "CalledProcessError" and (status := STATUS.search(error.evalue)):
        return f"CalledProcessError: a command of the cell ended with status {status.group(1)}"
    frames = FRAME.split(plain(error.traceback))
    own = [frame.rstrip() for frame in frames if frame.startswith("Cell In")]
    message = f"{error.ename}: {plain(error.evalue)}"
    # The last frame ends with the message, which is told once.
    return "\n".join([frame.removesuffix(message).rstrip() for frame in own] + [message])
