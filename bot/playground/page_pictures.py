"""The first pages of PDFs for the cards of files: drawn once, by a child process, one at a time."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections import OrderedDict

from bot.playground.model import File

MAX_BYTES = 20 * 1024 * 1024
MAX_KEPT = 100
TIMEOUT_S = 20.0


class FirstPages:
    """Pictures by file and version; None for what can't be drawn."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], bytes | None] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, file: File) -> bytes | None:
        """A PNG, or None when there is no page, no PDF, or no end of drawing it."""
        key = file.id, file.updated
        async with self._turn:
            if key not in self._kept:
                self._kept[key] = await _drawn(file.data) if len(file.data) <= MAX_BYTES else None
                if len(self._kept) > MAX_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


async def _drawn(pdf: bytes) -> bytes | None:
    command = (sys.executable, "-m", "bot.playground.page_picture", str(os.getpid()))
    nothing_else = {"PYTHONPATH": os.pathsep.join(filter(os.path.isabs, sys.path))}  # no token gets there
    child = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=nothing_else
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            drawn, _ = await child.communicate(pdf)
    except TimeoutError:
        drawn = b""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return drawn if child.returncode == 0 and drawn else None
