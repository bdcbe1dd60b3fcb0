"""`Lab`, as cells use it."""

import os

from conftest import TINY, Mini

# Serves as soon as somebody has opened the pipe at its other end.
GATED = """
import os, sys
open(sys.argv[2])
os.execv(sys.executable, [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", sys.argv[1]])
"""
CELL = """
import os
import httpx
one = lab.start("gated", wait=False)
two = lab.start("gated", wait=False)
os.open(GATE, os.O_RDWR)
lab.wait()
print(httpx.get(one.url).status_code, httpx.get(two.url).status_code, sorted(lab.services))
"""


def test_services_can_start_side_by_side(mini: Mini) -> None:
    gate, program = mini.root / "gate", mini.root / "gated.py"
    os.mkfifo(gate)
    program.write_text(GATED)
    # Who waits for the first has waited in vain after so many seconds: nobody opens the pipe.
    command = f"python '{program}' {{port}} '{gate}'"
    mini.services({"gated": {**TINY, "command": command, "timeout": 20, "shared": False}})
    mini.lab("01-one", CELL.replace("GATE", repr(str(gate))))
    said = mini.call("run", "01", "--no-book")
    assert said.returncode == 0
    executed = (mini.root / "build/notebooks/01-one.ipynb").read_text()
    assert "200 200 ['gated', 'gated#2']" in executed
