"""What the operating system knows of a process and of this machine: processor time, memory, cores, names."""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Where a measurement was made."""

    system: str
    processor: str
    cores: int
    memory_gib: float
    python: str
    packages: dict[str, str]


def cpu_s(pid: int) -> float:
    """User and system time of all threads of a process so far, in seconds.

    On Linux the process's CPU-time clock (nanoseconds), which is utime + stime of /proc/PID/stat without its 10 ms
    steps; elsewhere what `ps` says.
    """
    if sys.platform == "linux":
        # clock_getcpuclockid(3): the complement of the pid above three bits, of which 2 means CPUCLOCK_SCHED.
        return time.clock_gettime((~pid << 3) | 2)
    else:
        return _clock_of(_ps(pid, "time"))


def rss_bytes(pid: int) -> int:
    """Resident memory of a process. Socket buffers are the kernel's and not in it."""
    if sys.platform == "linux":
        for row in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if row.startswith("VmRSS:"):
                return int(row.split()[1]) * 1024
    return int(_ps(pid, "rss")) * 1024


def open_files(pid: int) -> int:
    """Descriptors a process has open. Linux only."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    """Threads of a process. Linux only."""
    return len(os.listdir(f"/proc/{pid}/task"))


@cache
def cores() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The cores for the server and those for the load: the first one, and all others. Empty where a process cannot be
    pinned or there is only one core. As of the first call."""
    if sys.platform != "linux":
        return (), ()
    mine = sorted(os.sched_getaffinity(0))
    return ((mine[0],), tuple(mine[1:])) if len(mine) > 1 else ((), ())


@contextmanager
def on_cores(wanted: tuple[int, ...]) -> Iterator[None]:
    """Processes started within run on those cores; this thread goes back to its own afterwards."""
    if not wanted or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, wanted)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_many_files() -> int:
    """Raise this process's limit of open files to what it may have; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def this_machine(packages: tuple[str, ...]) -> Machine:
    """The machine, with the versions of those packages."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        system=_system(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(memory / 2**30, 1),
        python=platform.python_version(),
        packages={name: version(name) for name in packages},
    )


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        name = platform.system()
    return f"{name}, {platform.system()} {platform.release()}"


def _processor() -> str:
    try:
        for row in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if row.startswith("model name"):
                return row.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _ps(pid: int, what: str) -> str:
    done = subprocess.run(["ps", "-o", f"{what}=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _clock_of(text: str) -> float:
    """Seconds in `ps`'s [[DD-]HH:]MM:SS[.CC]."""
    days, _, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + 86_400 * int(days or 0)
