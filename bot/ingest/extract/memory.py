"""How much memory there is for children: the machine's or the container's, whichever is less."""

from __future__ import annotations

import os
from pathlib import Path

from bot.ingest.extract.limits import Limits

CGROUPS = Path("/sys/fs/cgroup")
LIMIT_FILES = ("memory.max", "memory/memory.limit_in_bytes")
"""Where the second and the first version of Linux's control groups tell a container its limit."""
SHARE = 0.5
"""Of it for children; the rest is for vectors, the database and the system."""


def affordable(limits: Limits, memory: int | None = None) -> int:
    """How many children may run at once, one at least, if all take all that they may."""
    memory = usable() if memory is None else memory
    return max(1, int(SHARE * memory / limits.memory_bytes))


def usable(cgroups: Path = CGROUPS) -> int:
    """Bytes that this process and its children may use together."""
    bounds = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for name in LIMIT_FILES:
        try:
            text = (cgroups / name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        if text.isdecimal():  # otherwise it says "max"
            bounds.append(int(text))
    return min(bounds)
