"""Figures of a machine that is not there, for a node exporter's textfile collector.

`python machine.py FOLDER` writes them four times a second for half an hour at most. What is wrong
with the machine stands in the file `trouble`: memory, filling, full, network.
"""

import sys
import time
from pathlib import Path

FIGURES, TROUBLE = Path(sys.argv[1], "machine.prom"), Path("trouble")
avail, packets, broken = 60.0, 0, 0
for _ in range(4 * 1800):
    trouble = TROUBLE.read_text().split() if TROUBLE.exists() else []
    packets += 100
    broken += 5 if "network" in trouble else 0
    avail = max(min(avail, 38) - 0.1, 10) if "filling" in trouble else avail
    disk = 3 if "full" in trouble else avail
    part = FIGURES.with_suffix(".part")  # renamed when it is whole: a scrape reads all or nothing
    part.write_text(f"""\
node_memory_MemTotal_bytes 100
node_memory_MemAvailable_bytes {5 if "memory" in trouble else 60}
node_filesystem_size_bytes{{mountpoint="/",fstype="ext4"}} 100
node_filesystem_avail_bytes{{mountpoint="/",fstype="ext4"}} {disk:.1f}
node_network_receive_packets_total{{device="eth0"}} {packets}
node_network_receive_errs_total{{device="eth0"}} {broken}
""")
    part.rename(FIGURES)
    time.sleep(0.25)
