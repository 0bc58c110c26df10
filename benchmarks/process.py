"""What a process tells of itself."""

import json
from pathlib import Path

KB = 1024


def tell(rows: int, seconds: float, idle_mb: float) -> None:
    """Say on standard output what was written, and the most memory before it and in all."""
    told = {"rows": rows, "seconds": seconds, "idle_mb": idle_mb, "peak_mb": peak_mb()}
    print(json.dumps(told))


def peak_mb() -> float:
    """The most memory this process held, by Linux's count since the program began.

    `ru_maxrss` would start with the parent's.
    """
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(peak) / KB
