"""What the host provider needs, looked at without changing anything."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from mlops_lab.cluster.host.machine import CGROUPS
from mlops_lab.cluster.images import archives
from mlops_lab.cluster.interface import Problem
from mlops_lab.toolchain import cache, go, programs
from mlops_lab.toolchain.versions import components, document

GIB = 2**30
MEMORY, DISK, DISK_TO_BUILD = 4 * GIB, 4 * GIB, 24 * GIB
# Program, and the Debian package that has it.
PACKAGES = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "docker-registry": "docker-registry",
    "buildah": "buildah",
    "skopeo": "skopeo",
    "iptables": "iptables",
    "ip": "iproute2",
    "flock": "util-linux",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
    "hostname": "hostname",
}
# Everything that the node will ask of the kernel, in namespaces that end with the command.
PROBE = """
ip link add probe0 type veth peer name probe1
iptables -t nat -A POSTROUTING -m comment --comment lab -m statistic --mode random \
    --probability 0.5 -j MASQUERADE
mount -t tmpfs tmpfs /mnt && mkdir /mnt/lower /mnt/upper /mnt/work /mnt/all
mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/all
"""
CONTROLLERS = ("cpu", "memory", "pids")


def problems() -> list[Problem]:
    """Why the host provider cannot work here; what makes all else pointless stands alone."""
    if not sys.platform.startswith("linux"):
        return [Problem("host needs Linux", "use kind")]
    if os.geteuid() != 0:
        return [Problem("host needs root", "sudo ./lab cluster up --provider host, or use kind")]
    return [*_programs(), *_kernel(), *_room(), *_port()]


def _programs() -> list[Problem]:
    packages = {package for name, package in PACKAGES.items() if shutil.which(name) is None}
    if not Path("/usr/lib/cni/ptp").exists():
        packages.add("containernetworking-plugins")
    if not archives.bases_are_cached() and shutil.which("mmdebstrap") is None:
        packages.add("mmdebstrap")
    found = []
    if packages:
        names = " ".join(sorted(packages))
        found.append(Problem(f"programs are missing: {names}", f"apt-get install {names}"))
    if unbuilt() and go.obtainable() is None:
        what = f"{', '.join(unbuilt())} must be built, and there is no Go"
        found.append(Problem(what, go.GET))
    return found


def unbuilt() -> list[str]:
    """What a cluster is made of and the cache lacks: the first one to come up builds it."""
    wanted = [c.name for c in components().values() if c.package and not c.labs]
    return [name for name in wanted if not programs.is_cached(name)]


def _kernel() -> list[Problem]:
    if any(shutil.which(name) is None for name in ("unshare", "ip", "iptables", "mount")):
        return []
    spaces = ["unshare", "--pid", "--mount", "--net", "--uts", "--ipc", "--fork"]
    done = subprocess.run([*spaces, "sh", "-eu", "-c", PROBE], capture_output=True, text=True)
    found = []
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        found.append(
            Problem(
                f"the kernel lacks something: {said}", "load veth, overlay and ip_tables' modules"
            )
        )
    if missing := [name for name in CONTROLLERS if not _has_controller(name)]:
        mend = "mount them: see man 7 cgroups"
        found.append(Problem(f"cgroup controllers are missing: {', '.join(missing)}", mend))
    return found


def _has_controller(name: str) -> bool:
    unified = CGROUPS / "cgroup.controllers"
    return name in unified.read_text().split() if unified.exists() else (CGROUPS / name).is_dir()


def _room() -> list[Problem]:
    found = []
    if (free := psutil.virtual_memory().available) < MEMORY:
        what = f"{free / GIB:.1f} GiB of memory are free, {MEMORY / GIB:.0f} are needed"
        found.append(Problem(what, "close something"))
    wanted = DISK_TO_BUILD if unbuilt() else DISK
    folder = next(path for path in (cache.folder(), *cache.folder().parents) if path.exists())
    if (free := shutil.disk_usage(folder).free) < wanted:
        what = f"{free / GIB:.1f} GiB of disk are free, {wanted / GIB:.0f} are needed"
        found.append(Problem(what, f"free some, or LAB_CACHE=elsewhere (now {folder})"))
    return found


def _port() -> list[Problem]:
    port = int(document()["registry"].split(":")[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            who = f"see: ss -ltnp 'sport = :{port}'"
            return [Problem(f"port {port}, the registry's, is taken", f"stop what listens; {who}")]
    return []
