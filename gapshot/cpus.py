"""How many CPUs this process was granted. Knows affinity and control groups; does not start threads.

os.cpu_count() tells what the host has; a container with a quota of two on a host of 64 would start 64 threads and run
several times slower.
"""

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Control group v2: "quota period" in microseconds, or "max period" (kernel documentation, cgroup-v2, CPU)."""


def granted(quota: Path = QUOTA) -> int:
    """CPUs this process may use: the smaller of its affinity and its control group's quota, rounded up; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        limit, period = quota.read_text("ascii").split()
        return max(1, min(allowed, math.ceil(int(limit) / int(period))))
    except (OSError, ValueError):  # no control group, or no limit ("max")
        return allowed
