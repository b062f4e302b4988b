"""What the kernel says of a process: CPU seconds of all its threads, and memory."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
UTIME, STIME = 11, 12  # counted behind the name, which may hold spaces and brackets


@dataclass(frozen=True)
class Memory:
    """Of one process, in bytes: now, and the most that it ever had."""

    resident: int
    peak: int


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, also of those that have ended."""
    return parse_cpu(Path(f"/proc/{pid}/stat").read_text(), TICKS_PER_SECOND)


def waiting_seconds(pid: int) -> float:
    """How long all threads that live now were ready to run while others had the cores."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(parse_waiting((task / "schedstat").read_text()) for task in tasks)


def memory(pid: int) -> Memory:
    return parse_memory(Path(f"/proc/{pid}/status").read_text())


def parse_cpu(stat: str, ticks_per_second: int) -> float:
    """CPU seconds from the text of `/proc/<pid>/stat`."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[UTIME]) + int(fields[STIME])) / ticks_per_second


def parse_waiting(schedstat: str) -> float:
    """Seconds of waiting from the text of `/proc/<pid>/task/<tid>/schedstat`: run, waited, slices."""
    return int(schedstat.split()[1]) / 1e9


def parse_memory(status: str) -> Memory:
    """Resident and peak memory from the text of `/proc/<pid>/status`, which counts in kB of 1,024 bytes."""
    kilobytes = {}
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in {"VmRSS", "VmHWM"}:
            kilobytes[name] = int(value.split()[0])
    return Memory(kilobytes["VmRSS"] * 1024, kilobytes["VmHWM"] * 1024)
