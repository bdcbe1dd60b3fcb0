"""The node: one process tree in namespaces of its own, so that killing one process removes it all.

Its first process, and with it every component and container, lives in a PID, mount, network, UTS
and IPC namespace. The machine's own interfaces, iptables rules, mounts, sysctls and /run are never
seen; when the first process ends, the kernel ends the rest and drops the namespaces. What outlives
them are cgroups and a folder, which `down` removes.
"""

import contextlib
import errno
import functools
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from mlops_lab.cluster.kubectl import Kubectl
from mlops_lab.core.errors import LabError
from mlops_lab.core.locks import is_held
from mlops_lab.core.paths import ROOT
from mlops_lab.core.process import run
from mlops_lab.core.waiting import until

NAME = "lab"  # of the node
ADDRESS = "172.30.0.2"
PODS = "10.244.0.0/24"
SERVICES = "10.96.0.0/16"
# Where the node's folder is seen inside it: short enough for the sockets' paths.
INSIDE = Path("/run/lab")
# One for each checkout, so that two can have a cluster at once.
CGROUP = f"mlops-lab-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
CGROUPS = Path("/sys/fs/cgroup")

# Runs as the first process. /run, /var/lib and /var/log are empty memory, so that nothing the
# components expect there can be the machine's. /proc/sys is read-only but for the node's own
# network. The kubelet would tune the machine's kernel and ends if it may not: it is shown files
# with the values that it wants to see.
BOOT = f"""
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir {INSIDE}
mount --bind "$1" {INSIDE}
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /var/log
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
mkdir /run/sysctl
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \\
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  file=/run/sysctl/$(basename "${{setting%=*}}")
  echo "${{setting#*=}}" > "$file"
  mount --bind "$file" "/proc/sys/${{setting%=*}}"
done
mount --make-rshared /
hostname {NAME}
ip link set lo up
ip link add eth0 type veth peer name eth0-peer
ip addr add {ADDRESS}/24 dev eth0
ip link set eth0-peer up
ip link set eth0 up
ip route add {SERVICES} dev eth0 src {ADDRESS}
ip route add unreachable default
echo 1 > /proc/sys/net/ipv4/ip_forward
cd {INSIDE}
trap '' CHLD  # the kernel then reaps what containers leave behind
touch booted
exec sleep infinity
"""


class Node:
    """The node whose files are in `folder`."""

    def __init__(self, folder: Path, kubectl: Kubectl) -> None:
        self.folder = folder
        self.kubectl = kubectl
        self.lock = folder.with_suffix(".lock")

    def boot(self) -> None:
        """Start the first process, unless it runs.

        Raises:
            LabError: the namespaces cannot be made; what the shell said is in the message.
        """
        if self.pid():
            return
        self.remove()
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "logs").mkdir()
        cgroups_up()
        log = self.folder / "logs" / "node.log"
        lock = self.lock.open("a+", encoding="utf-8")
        with lock, log.open("wb") as output:
            # The lock is held by whoever has the open file: the whole first process, to its end.
            run("flock", "--nonblock", str(lock.fileno()), pass_fds=[lock.fileno()])
            namespaces = ["--pid", "--mount", "--net", "--uts", "--ipc", "--fork", "--kill-child"]
            process = subprocess.Popen(
                ["unshare", *namespaces, "sh", "-c", BOOT, "boot", str(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock.fileno()],
                start_new_session=True,
            )
            lock.truncate(0)
            json.dump({"pid": process.pid}, lock)
        booted = (self.folder / "booted").exists
        until("the node's first process", booted, log, lambda: process.poll() is None)

    def pid(self) -> int | None:
        """The first process's number as the machine counts it, or None if the node is down."""
        if not is_held(self.lock):
            return None
        try:
            parent = psutil.Process(json.loads(self.lock.read_text(encoding="utf-8"))["pid"])
            return next((child.pid for child in parent.children()), None)
        except (ValueError, psutil.Error):
            return None

    def run(self, command: Sequence[str]) -> str:
        """Run a command on the node and return what it printed.

        Raises:
            LabError: it failed; its words are in the message.
        """
        return run(*self._enter(), *command)

    def link(self, name: str, program: str | Path | None) -> None:
        """Put a program under the component's name into bin/.

        Raises:
            LabError: there is no such program.
        """
        if program is None:
            raise LabError(f"there is no {name}; ./lab cluster doctor says how to get it")
        link = self.folder / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(program)

    def answers(self, port: int) -> bool:
        """Whether something listens on this port of the node's loopback."""
        script = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
        done = subprocess.run([*self._enter(), "bash", "-c", script], stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def start(self, name: str, command: Sequence[str], fds: Iterable[int] = ()) -> None:
        """Start a component on the node: `command` with bin/NAME as its program, log in logs/."""
        argv = [str(INSIDE / "bin" / name), *command]
        if name in PYTHON:
            argv.insert(0, sys.executable)
        script = f'exec setsid --fork "$@" >> logs/{name}.log 2>&1'
        # Only the component keeps the pipe's other end open, so the pipe ends when it does.
        alive, held = os.pipe()
        with open(alive, "rb"):
            with open(held, "wb"):
                enter = [*self._enter(), "sh", "-c", f"cd {INSIDE}; {script}"]
                run(*enter, "start", *argv, pass_fds=(*fds, held))
            # Until the new process has its own name, and the first process for a parent.
            until(
                name,
                lambda: name in self.processes(),
                self.log(name),
                lambda: not select.select([alive], [], [], 0)[0],
            )

    def stop(self, name: str) -> None:
        """Kill a component, if it runs."""
        for process in self.processes().get(name, []):
            process.kill()

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The components that run, by name: the process table is the only record."""
        first, found = self.pid(), dict[str, list[psutil.Process]]()
        for process in psutil.Process(first).children() if first else ():
            try:
                programs = [Path(part) for part in process.cmdline()[:2]]
            except psutil.Error:
                continue
            for path in programs:
                if path.parent == INSIDE / "bin":
                    found.setdefault(path.name, []).append(process)
        return found

    def log(self, name: str) -> Path:
        """A component's log."""
        return self.folder / "logs" / f"{name}.log"

    def shut_down(self) -> None:
        """End everything that runs on the node; the kernel does it when the first process ends."""
        until("the node's end", self._killed)

    def _killed(self) -> bool:
        """Whether nothing is left; asked again, since the first process may be about to begin."""
        if first := self.pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)
        return not is_held(self.lock)

    def remove(self) -> None:
        """Remove what outlives the node: its cgroups and its folder."""
        cgroups_down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _enter(self) -> list[str]:
        first = self.pid()
        if first is None:
            raise LabError("the node is not up; ./lab cluster up")
        return ["nsenter", "--target", str(first), "--all", "--"]


# Components that are a script of ours.
PYTHON = {"relay"}


def _controllers() -> list[Path]:
    """The folders that hold one cgroup hierarchy each: several with version 1, one with 2."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return [path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]


def cgroups_up() -> None:
    """Make the cgroup under which the kubelet keeps those of its pods."""
    for controller in _controllers():
        group = controller / CGROUP
        group.mkdir(exist_ok=True)
        # A new cpuset is empty, and nothing could run in it.
        for file in ("cpuset.cpus", "cpuset.mems"):
            if (group / file).exists() and (controller / file).exists():
                (group / file).write_text((controller / file).read_text())


def cgroups_down() -> None:
    """Remove it and all below, once the kernel has counted the last dead process out."""
    for group in (controller / CGROUP for controller in _controllers()):
        for folder, _, _ in os.walk(group, topdown=False):
            until(f"the end of cgroup {folder}", functools.partial(_gone, folder))


def _gone(folder: str) -> bool:
    """Whether this cgroup is no more; the kernel lets it go when no process counts to it."""
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return True
