"""How many CPUs this process was granted. Knows affinity and control groups; does not start threads.

os.cpu_count() tells what the host has; a container with a quota of two on a host of 64 would start 64 threads and run
several times slower.
"""

import math
import os
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
"""Where the kernel shows this process's control group (kernel documentation: cgroup-v2, and cgroup-v1 cpu)."""


def granted(groups: Path = GROUPS) -> int:
    """CPUs this process may use: the smaller of its affinity and its control group's quota, rounded up; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for files in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):  # version 2, version 1
        try:
            limit, period = " ".join((groups / name).read_text("ascii") for name in files).split()
            if int(limit) > 0:
                return max(1, min(allowed, math.ceil(int(limit) / int(period))))
        except (OSError, ValueError):  # no such group, or no limit ("max", and -1 in version 1)
            continue
    return allowed
