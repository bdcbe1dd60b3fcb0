"""Stands in for actions/setup-python: the wanted Python must be there already."""

import os
import platform
import sys
from pathlib import Path

wanted, found = os.environ["WANTED"], platform.python_version()
if found.split(".")[: wanted.count(".") + 1] != wanted.split("."):
    print(f"::error::The workflow wants Python {wanted}, and this machine has {found}")
    sys.exit(1)
with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
    outputs.write(f"python-version={found}\npython-path={sys.executable}\n")
with Path(os.environ["GITHUB_ENV"]).open("a", encoding="utf-8") as env:
    env.write(f"pythonLocation={sys.prefix}\n")
print(f"Python {found} is there")
