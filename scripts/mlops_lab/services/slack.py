"""The service ``slack``: the cluster's webhook receiver, on a port of this machine."""

import runpy

from mlops_lab.core.paths import CLUSTER

RECEIVER = CLUSTER / "platform" / "lab-services" / "receiver.py"

if __name__ == "__main__":
    # It is not importable, since in the cluster it is a file by itself.
    runpy.run_path(str(RECEIVER), run_name="__main__")
