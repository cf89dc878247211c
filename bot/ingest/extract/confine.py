"""What a child takes from itself before it reads a file. Where a system lacks a limit, it goes without."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from math import ceil
from pathlib import Path

from bot.ingest.extract.limits import MIB, Limits, OcrTime

NICE = 10
AUTOGROUP = Path("/proc/self/autogroup")
"""Linux may share the processor between sessions first; `nice` then acts only within one."""
OPEN_FILES = 64
WRITTEN_FILE_BYTES = MIB
PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Be killed when the parent goes, however it goes; on systems without that, see `outbox`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


def confine(limits: Limits) -> None:
    """Lower priority and every limit, for good. Signals that stop a service are for the parent to act on."""
    _be_nice()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    _limit("RLIMIT_AS", limits.memory_bytes)
    _limit("RLIMIT_NOFILE", OPEN_FILES)
    _limit("RLIMIT_FSIZE", WRITTEN_FILE_BYTES)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_NPROC", 0)


def _be_nice() -> None:
    os.nice(NICE)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            AUTOGROUP.write_text(str(NICE))


def _limit(name: str, value: int) -> None:
    which = getattr(resource, name, None)
    if which is None:
        return
    try:
        _, hard = resource.getrlimit(which)
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (lowered, lowered))
    except (ValueError, OSError):
        return


class CpuBudget:
    """CPU seconds of one document, asked for page by page; an endless page kills the process.

    What recognising text takes doesn't count here: it has a budget of its own.
    """

    def __init__(self, limits: Limits, ocr_time: OcrTime) -> None:
        self._limits = limits
        self._ocr_time = ocr_time
        self._started = self._armed = time.process_time()
        self._arm(self._started)

    def page(self, pages_read: int) -> bool:
        """Give the next page its time; False when the document has used up its own."""
        now = time.process_time()
        if now - self._armed >= 1:
            self._arm(now)
        allowed = self._limits.document_cpu_s + pages_read * self._limits.extra_page_cpu_s
        return now - self._started - self._ocr_time.seconds < min(allowed, self._limits.total_cpu_s)

    def _arm(self, now: float) -> None:
        self._armed = now
        try:
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (ceil(now) + self._limits.page_cpu_s, hard))
        except (ValueError, OSError):
            return


def memory_in_use() -> int:
    """Resident bytes of this process; its peak where the system doesn't tell the present."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no pathlib for one number
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
