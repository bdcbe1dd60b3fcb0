"""What a machine has left for a model."""

from dashboards.panels import graph, number, page, rate

NODE = 'instance="$instance"'
BUSY = f"instance:node_cpu_busy:ratio_rate5m{{{NODE}}}"
TASKS = f"instance:node_procs_running:per_cpu_avg5m{{{NODE}}}"
MEMORY = f"node_memory_MemAvailable_bytes{{{NODE}}}"
MEMORY_LEFT = f"{MEMORY} / node_memory_MemTotal_bytes{{{NODE}}}"
DISK_LEFT = f"min(instance:node_filesystem_avail:ratio{{{NODE}}})"
NETWORK = {
    "in, {{device}}": rate("node_network_receive_bytes_total", NODE),
    "out, {{device}}": rate("node_network_transmit_bytes_total", NODE),
}
DISK = {
    "read, {{device}}": rate("node_disk_read_bytes_total", NODE),
    "written, {{device}}": rate("node_disk_written_bytes_total", NODE),
}

ROWS = {
    "What is left": [
        number("Memory left", "percentunit", MEMORY_LEFT, {None: "red", 0.1: "green"}),
        number("Disk left", "percentunit", DISK_LEFT, {None: "red", 0.05: "green"}),
        number("Processors busy", "percentunit", BUSY, {None: "green", 0.9: "red"}),
        number("Tasks for a processor", "short", TASKS, {None: "green", 8: "red"}),
    ],
    "Over time": [
        graph("Processors busy", "percentunit", {"busy": BUSY}, limits=[0.9]),
        graph("Memory left", "bytes", {"left": MEMORY}),
        graph("Network", "Bps", NETWORK),
        graph("Disk", "Bps", DISK),
    ],
}


def dashboard():
    """Processors, memory, disk and network."""
    return page("machine", "Machine", ROWS, "node_cpu_seconds_total", "instance", "Node.*")
