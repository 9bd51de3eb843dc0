"""What the kernel knows of a process: processor time and memory."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """One look at a process."""

    at: float
    cpu_seconds: float
    resident_megabytes: float

    def load_since(self, earlier: Usage) -> float:
        """Percent of one core between two looks."""
        return 100 * (self.cpu_seconds - earlier.cpu_seconds) / (self.at - earlier.at)


def look(pid: int) -> Usage:
    """Processor time and resident memory now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return Usage(time.monotonic(), (int(fields[11]) + int(fields[12])) / _TICKS, resident / 1024)


def machine() -> str:
    """Processor, cores and kernel, in one line."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?"
    )
    return f"{model}, {os.cpu_count()} cores, Linux {os.uname().release}"
